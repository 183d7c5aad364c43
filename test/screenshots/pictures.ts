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
    name: "capture",
    screen: "/captures",
    open: async (page) => {
      await page.goto(`/captures/${await takeCapture(page, ({ packets: taken }) => Number(taken) > 500)}`);
      await page
        .getByRole("grid")
        .getByRole("row", { name: /client-1/ })
        .waitFor();
    },
    height: 460,
  },
  {
    name: "packets",
    screen: "/packets",
    open: async (page) => {
      await page.goto(`/packets?capture=${await takeCapture(page, ({ endedAt }) => endedAt !== null)}&filter=http`);
      await packets(page).filter({ hasText: "GET /" }).first().click();
      await page.getByRole("complementary", { name: "Packet" }).waitFor();
    },
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
      await page.goto("/settings");
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
  await page.goto("/flows");
  await page.getByRole("radio", { name: "5 min" }).click();
  await page.getByRole("grid", { name: "Flows" }).getByRole("row").nth(5).waitFor();
}

type Capture = { readonly id: string; readonly name: string; readonly packets: string; readonly endedAt: string | null };

/** The id of a capture of what the web servers say, with its first bytes, once it is far enough; begun when there is none yet. */
async function takeCapture(page: Page, enough: (capture: Capture) => boolean): Promise<string> {
  const wanted = {
    name: "web servers",
    expression: "tcp port 80 or tcp port 443 or udp port 53",
    hosts: "all",
    snaplen: 512,
    reason: "what the web servers say, for pictures",
    seconds: 30,
  };
  const find = async (): Promise<Capture | undefined> => {
    const answer = await page.request.get("/api/v1/captures");
    const { items } = (await answer.json()) as { items: Capture[] };
    return items.find((capture) => capture.name === wanted.name);
  };
  if ((await find()) === undefined) await post(page, "/api/v1/captures", wanted);
  for (const deadline = Date.now() + 90_000; Date.now() < deadline; await page.waitForTimeout(1_000)) {
    const capture = await find();
    if (capture !== undefined && enough(capture)) return capture.id;
  }
  throw new Error("the capture did not get far enough within 90 s");
}

/** As the page itself asks: the hub answers its own origin alone. */
async function post(page: Page, path: string, data: object): Promise<void> {
  const answer = await page.request.post(path, { data, headers: { origin: new URL(page.url()).origin } });
  if (!answer.ok()) throw new Error(`${path} answered with ${answer.status()}: ${await answer.text()}`);
}

/** With one filter in force on every host; a picture in the other theme finds it there. */
async function openFilters(page: Page): Promise<void> {
  const expression = "udp port 53 or (tcp port 443 and tcp[tcpflags] & tcp-syn != 0)";
  const answer = await page.request.get("/api/v1/filters");
  const { items } = (await answer.json()) as { items: { expression: string }[] };
  if (!items.some((filter) => filter.expression === expression)) await post(page, "/api/v1/filters", { expression });
  await page.goto("/filters");
  await page.getByText("5 applied").waitFor({ timeout: 60_000 });
}
