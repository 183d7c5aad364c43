import type { Page } from "playwright-core";

/** A main screen: its name and where it is. */
export type Screen = readonly [name: string, path: string];

/** The only one for who is not signed in. */
export const signInScreen: Screen = ["Sign-in", "/sign-in"];

const EXPRESSION = "tcp port 8080 or udp port 53 or icmp";
const CAPTURE_SECONDS = 20;

/** Puts something on the screens that a fresh hub has nothing for, a filter and a capture that has ended; answers with all screens. */
export async function fillScreens(page: Page): Promise<readonly Screen[]> {
  const rows = page.getByRole("grid", { name: "Hosts" }).getByRole("row", { name: /Live/ });
  await rows.nth(1).waitFor();
  const host = await rows.first().getByRole("link").first().getAttribute("href");
  if (host === null) throw new Error("a row of the fleet leads nowhere");
  await post(page, "/api/v1/filters", { expression: EXPRESSION });
  const capture = await post(page, "/api/v1/captures", { expression: EXPRESSION, hosts: "all", seconds: CAPTURE_SECONDS });
  const { id } = capture as { id: string };
  await page.goto(`/captures/${id}`);
  await page.getByText(/^Ended after /).waitFor({ timeout: 4 * CAPTURE_SECONDS * 1000 });
  return [
    ["Fleet", "/"],
    ["Host with live packets", host],
    ["Packets", `/packets?capture=${id}`],
    ["Flows", "/flows"],
    ["Filters", "/filters"],
    ["Captures", "/captures"],
    ["A capture", `/captures/${id}`],
    ["Enrol", "/enrol"],
    ["Settings", "/settings"],
  ];
}

/** From the page, which has the sign-in and the way to the hub. */
async function post(page: Page, path: string, body: object): Promise<unknown> {
  const { status, text } = await page.evaluate(
    async ([path, body]) => {
      const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body });
      return { status: answer.status, text: await answer.text() };
    },
    [path, JSON.stringify(body)] as const,
  );
  if (status >= 300) throw new Error(`${path} answered with ${status}: ${text}`);
  return JSON.parse(text);
}
