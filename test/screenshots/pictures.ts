import type { Page } from "playwright-core";

/** A picture of the README and the guides: how a person comes to what it shows, from any page of the signed-in hub. */
export type Picture = {
  /** Name of its files, without theme and ending. */
  readonly name: string;
  /** Where its screen is; a hub that has none there has no such picture. */
  readonly screen: string;
  readonly open: (page: Page) => Promise<void>;
  /** Of the window, where a list of five hosts does not fill 800 pixels. */
  readonly height?: number;
};

/** In this order; what changes what hosts record comes last. */
export const pictures: readonly Picture[] = [
  { name: "fleet", screen: "/", open: openFleet, height: 460 },
  {
    name: "add-host",
    screen: "/",
    open: async (page) => {
      await openFleet(page);
      await page.getByRole("button", { name: "Add a host" }).click();
      await page.getByRole("group", { name: "Install line" }).waitFor();
    },
  },
  { name: "host-live", screen: "/", open: (page) => openHost(page, "web-1") },
  {
    name: "host-packet",
    screen: "/",
    open: async (page) => {
      await openHost(page, "web-1");
      await page.getByLabel("Filter the rows shown").fill(".11:80");
      await packets(page).filter({ hasText: "PSH" }).first().click();
      await page.getByRole("complementary", { name: "Packet" }).waitFor();
    },
  },
  {
    name: "host-interfaces",
    screen: "/",
    open: async (page) => {
      await openHost(page, "db-1");
      await page.getByRole("tab", { name: /^Interfaces/ }).click();
      await page.getByRole("table", { name: "Interfaces" }).waitFor();
    },
  },
  { name: "flows", screen: "/flows", open: openFlows },
  {
    name: "flows-peers",
    screen: "/flows",
    open: async (page) => {
      await openFlows(page);
      await page.getByLabel("Group by").selectOption({ label: "Peer" });
      await page.getByRole("grid", { name: "Largest groups" }).getByRole("row").nth(3).waitFor();
    },
  },
  {
    name: "packets",
    screen: "/packets",
    open: async (page) => {
      await page.goto(`/packets?capture=${await takeCapture(page)}`);
      await packets(page).filter({ hasText: "GET /orders" }).first().click();
      await page.getByRole("complementary", { name: "Packet" }).waitFor();
    },
  },
  {
    name: "capture",
    screen: "/captures",
    open: async (page) => {
      await page.goto(`/captures/${await takeCapture(page)}`);
      await page
        .getByRole("grid")
        .getByRole("row", { name: /client-1/ })
        .waitFor();
    },
    height: 460,
  },
  {
    name: "enrol",
    screen: "/enrol",
    open: async (page) => {
      await page.goto("/enrol");
      await page.getByRole("table", { name: "Enrolment tokens" }).waitFor();
    },
    height: 460,
  },
  {
    name: "settings",
    screen: "/settings",
    open: async (page) => {
      await page.getByRole("link", { name: "Settings" }).click();
      await page.getByRole("table", { name: "Storage" }).getByRole("row").nth(3).waitFor();
    },
  },
  { name: "filters", screen: "/filters", open: openFilters, height: 460 },
];

const packets = (page: Page) => page.getByRole("grid", { name: "Packets" }).getByRole("row").filter({ hasNotText: "Protocol" });

async function openFleet(page: Page): Promise<void> {
  await page.goto("/");
  const hosts = page.getByRole("grid", { name: "Hosts" }).getByRole("row", { name: /Live/ });
  await hosts.nth(4).waitFor({ timeout: 60_000 }); // one comes and goes
  await hosts.filter({ hasText: "–" }).first().waitFor({ state: "detached" });
}

async function openHost(page: Page, name: string): Promise<void> {
  await openFleet(page);
  await page.getByRole("link", { name }).click();
  await packets(page).nth(10).waitFor();
}

async function openFlows(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Flows", exact: true }).click();
  await page.getByRole("radio", { name: "5 min" }).click();
  await page.getByRole("grid", { name: "Flows" }).getByRole("row").nth(5).waitFor();
}

/** The id of a capture of what the web servers say, with its first bytes; begun when there is none yet. */
async function takeCapture(page: Page): Promise<string> {
  const wanted = {
    name: "web servers",
    expression: "tcp port 80 or tcp port 443 or udp port 53",
    hosts: "all",
    snaplen: 512,
    reason: "what the web servers say, for pictures",
    seconds: 30,
  };
  return page.evaluate(async (body) => {
    const { items } = (await (await fetch("/api/v1/captures")).json()) as { items: { id: string; name: string }[] };
    const there = items.find((capture) => capture.name === body.name);
    if (there !== undefined) return there.id;
    const headers = { "content-type": "application/json" };
    const answer = await fetch("/api/v1/captures", { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`the capture was answered with ${answer.status}: ${await answer.text()}`);
    return ((await answer.json()) as { id: string }).id;
  }, wanted);
}

/** With one filter in force on every host; a picture in the other theme finds it there. */
async function openFilters(page: Page): Promise<void> {
  await page.evaluate(async (expression) => {
    const { items } = (await (await fetch("/api/v1/filters")).json()) as { items: { expression: string }[] };
    if (items.some((filter) => filter.expression === expression)) return;
    const headers = { "content-type": "application/json" };
    const answer = await fetch("/api/v1/filters", { method: "POST", headers, body: JSON.stringify({ expression }) });
    if (!answer.ok) throw new Error(`the filter was answered with ${answer.status}: ${await answer.text()}`);
  }, "udp port 53 or (tcp port 443 and tcp[tcpflags] & tcp-syn != 0)");
  await page.getByRole("link", { name: "Filters" }).click();
  await page.getByText("5 applied").waitFor({ timeout: 60_000 });
}
