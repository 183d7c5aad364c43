import { BATCH_HEADER_BYTES, FLOW_BYTES, type AgentInterface, flowAt, headerAt, viewOf } from "@sonde/protocol";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flowBatch } from "../../apps/web/test/batches.ts";
import { startBrowser } from "../support/browser.ts";
import { type HubAlone, type PlayedAgent, startHubAlone } from "../support/hub-alone.ts";
import { gated, needs } from "../support/needs.ts";
import { signIn } from "../support/sign-in.ts";
import { DESK, survey as surveyPage } from "../support/survey.ts";

/*
 * Labels, flows and settings in a browser, against the built hub and agents that are played.
 */

const patience = { timeout: 15_000, interval: 100 };

let hub: HubAlone;
let page: Page;
const agents = new Map<string, PlayedAgent>();
const errors: string[] = [];
const undo: (() => Promise<void>)[] = [];
const gate = gated(needs.chromium);

const eth0 = (address: string): AgentInterface => ({
  ifindex: 2,
  name: "eth0",
  kind: "ethernet",
  mac: null,
  mtu: 1500,
  up: true,
  hook: "tcx",
  addresses: [address],
});

describe.skipIf(gate.skip)(gate.name("labels, flows and settings"), () => {
  beforeAll(async () => {
    hub = await startHubAlone();
    undo.push(hub.close);
    for (const [name, address, labels] of [
      ["web-1", "10.1.0.11", { env: "prod", role: "web", rack: "r4" }],
      ["web-2", "10.1.0.12", { env: "prod", role: "web" }],
      ["db-1", "10.1.0.21", { env: "prod", role: "db" }],
      ["build-1", "10.2.0.5", { env: "test" }],
    ] as const) {
      agents.set(name, await hub.play({ name, labels, interfaces: [eth0(address)] }));
    }
    for (const name of ["web-1", "web-2", "db-1"]) {
      const agent = agents.get(name);
      if (agent !== undefined) await converse(agent, name);
    }
    const { browser, close } = await startBrowser();
    undo.push(close);
    const context = await browser.newContext({ baseURL: hub.url, viewport: DESK });
    page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && errors.push(`${page.url()}: ${message.text()}`));
    page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.stack ?? error.message}`));
    await signIn(page, hub);
    await page.getByRole("grid", { name: "Hosts" }).waitFor();
  });
  afterAll(async () => {
    for (const step of undo.toReversed()) await step();
  });

  const flows = () => page.getByRole("grid", { name: "Flows" }).getByRole("row").filter({ hasNotText: "Lasted" });
  const rows = () => page.getByRole("grid", { name: "Hosts" }).getByRole("row").filter({ hasNotText: "Packets/s" });

  test("a click on a label narrows the fleet, and the address keeps it", async () => {
    await expect.poll(() => rows().count(), patience).toBe(4);
    await survey("fleet-labels");
    await rows().filter({ hasText: "db-1" }).getByRole("button", { name: "env=prod" }).click();
    await expect.poll(() => rows().count(), patience).toBe(3);
    await page.keyboard.press("/");
    await page.keyboard.type(" web");
    await expect.poll(() => rows().count(), patience).toBe(2);
    await page.waitForURL("**/?filter=env%3Dprod+web");
    await page.reload();
    await expect.poll(() => rows().count(), patience).toBe(2);
    expect(await page.getByLabel("Filter the hosts").inputValue()).toBe("env=prod web");
    await page.getByLabel("Filter the hosts").press("Escape");
    await expect.poll(() => rows().count(), patience).toBe(4);
  });

  test("labels by hand: set, hiding the agent's, and taken away again", async () => {
    await page.getByRole("link", { name: "web-1" }).click();
    await page.getByRole("tab", { name: /^Labels/ }).click();
    const table = page.getByRole("table", { name: "Labels" });
    await table.getByRole("row", { name: "env prod agent's file" }).waitFor();
    const field = page.getByLabel("Labels to set");
    await field.fill("env=stage Team=net");
    await page.getByText("Team=net: the key must begin").waitFor();
    await field.fill("env=stage team=net");
    await page.getByRole("button", { name: "Set", exact: true }).click();
    await table.getByRole("row", { name: "env stage by hand" }).waitFor();
    await survey("host-labels");
    await page.getByRole("button", { name: "Remove env" }).click();
    await table.getByRole("row", { name: "env prod agent's file" }).waitFor();
    await page.getByRole("tab", { name: /^Interfaces/ }).click();
    await page.getByRole("cell", { name: "10.1.0.11" }).waitFor();
    await survey("host-addresses");
  });

  test("a line for a new host carries labels", async () => {
    await page.goto("/");
    await page.getByRole("button", { name: "Add a host" }).click();
    const line = page.getByRole("group", { name: "Install line" });
    const first = await line.innerText();
    await page.getByRole("textbox", { name: "Labels of the new host" }).fill("env=prod role=cache");
    await page.getByRole("button", { name: "Make a line with these" }).click();
    await expect.poll(() => line.innerText(), patience).not.toBe(first);
    await page.getByText("The line above gives these.").waitFor();
    await survey("add-host-labels");
    const tokens = await page.evaluate(async () => (await fetch("/api/v1/enrolment-tokens")).json());
    const mine = (tokens as { items: { state: string; labels: object }[] }).items.filter((one) => one.state !== "used");
    expect(mine.map(({ state, labels }) => ({ state, labels }))).toEqual([
      { state: "open", labels: { env: "prod", role: "cache" } },
      { state: "revoked", labels: {} },
    ]);
    await page.keyboard.press("Escape");
  });

  test("flows: a page of them, their rates, names for their addresses", async () => {
    await page.getByRole("link", { name: "Flows", exact: true }).click();
    await expect.poll(() => flows().count(), patience).toBeGreaterThan(10);
    await flows().filter({ hasText: "web-2:" }).first().waitFor();
    await page.getByRole("figure", { name: "Flows by protocol" }).waitFor();
    await page.getByRole("term").filter({ hasText: "Flow records" }).waitFor();
    await survey("flows");
    await flows().filter({ hasText: "db-1:5432 10.1.0.21" }).first().click();
    const detail = page.getByRole("complementary", { name: "Flow" });
    await detail.getByText("db-1 (eth0) · private, RFC 1918").waitFor();
    await survey("flow-detail");
    await detail.getByRole("button", { name: "5432" }).click();
    const menu = page.getByRole("menu");
    await menu.getByText("Destination port 5432").waitFor();
    await menu.getByRole("menuitem", { name: "Capture this tcp dst port 5432" }).waitFor();
    await survey("flow-menu");
    await menu.getByRole("menuitem", { name: "Include dstport == 5432" }).click();
    await page.waitForURL(/filter=dstport/);
    await expect.poll(async () => (await flows().allInnerTexts()).every((text) => text.includes(":5432")), patience).toBe(true);
  });

  test("flows: a filter that is wrong says where, and the rows stay", async () => {
    const field = page.getByRole("combobox", { name: "Filter" });
    await field.fill("ip.addr == 10.1.0.0/16 && tcp.dstport == 443");
    await expect.poll(async () => (await flows().allInnerTexts()).every((text) => text.includes(":443")), patience).toBe(true);
    await expect.poll(() => flows().first().innerText(), patience).toMatch(/(db|web)-\d:\d+ 10\.1\.0\./); // names come after the rows
    const before = await flows().first().innerText();
    await field.fill("ip.addr == 10.1.0.0/16 && tcp.dstport == 70000");
    await page.getByLabel("Place of the fault").getByText("70000").waitFor();
    expect(await flows().first().innerText()).toBe(before);
    await survey("flows-fault");
    for (const _ of ["the offer", "the filter"]) await field.press("Escape");
    await expect.poll(() => field.inputValue(), patience).toBe("");
  });

  test("flows: what may stand in the filter is offered", async () => {
    await page.keyboard.press("/");
    await page.keyboard.type("host.la");
    await page.getByRole("option", { name: /^host\.label\.env/ }).waitFor();
    await survey("flows-offer");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.keyboard.type("== te");
    await page.getByRole("option", { name: /test/ }).click();
    const field = page.getByRole("combobox", { name: "Filter" });
    await expect.poll(() => field.inputValue(), patience).toMatch(/^host\.label\.env == "?test"? $/);
    await page.getByText("No flow matches").waitFor();
    for (const _ of ["the offer", "the filter"]) await field.press("Escape");
  });

  test("flows: the largest groups open their flows, and the address keeps the view", async () => {
    await page.getByLabel("Group by").selectOption({ label: "Peer" });
    const groups = page.getByRole("grid", { name: "Largest groups" }).getByRole("row");
    await groups.filter({ hasText: "10.1.0.21" }).waitFor();
    await survey("flows-top");
    await page.getByRole("radio", { name: "24 h" }).click();
    await page.waitForURL(/by=peer.*range=24h|range=24h.*by=peer/);
    await page.reload();
    await groups.filter({ hasText: "10.1.0.21" }).first().click();
    await expect.poll(() => page.getByRole("combobox", { name: "Filter" }).inputValue(), patience).toBe("ip.addr == 10.1.0.21");
    await expect.poll(() => flows().count(), patience).toBeGreaterThan(0);
    await page.getByLabel("Group by").selectOption({ label: "Label env" });
    await page.getByRole("grid", { name: "Largest groups" }).getByRole("row", { name: /^prod/ }).waitFor();
  });

  test("flows: the same as a file", async () => {
    await page.goto("/flows?filter=dstport+%3D%3D+5432");
    await expect.poll(() => flows().count(), patience).toBeGreaterThan(0);
    const href = await page.getByRole("link", { name: "CSV" }).getAttribute("href");
    const text = await page.evaluate(async (url) => (await fetch(url)).text(), href ?? "");
    const [head, ...lines] = text.trim().split(/\r?\n/);
    expect(head).toContain("destinationPort");
    expect(lines.length).toBeGreaterThan(1);
  });

  test("settings: storage, and a limit that is changed", async () => {
    await page.getByRole("link", { name: "Settings" }).click();
    const table = page.getByRole("table", { name: "Storage" });
    const days = page.getByLabel("Flow records: keep, days");
    await table.getByRole("row", { name: /^Flow records/ }).waitFor();
    expect(await days.inputValue()).toBe("7");
    await survey("settings-storage");
    await days.fill("0");
    await page.getByText("An hour to 3650 days").waitFor();
    await days.fill("3");
    await page.getByRole("button", { name: "Save Flow records" }).click();
    await expect.poll(() => page.getByRole("button", { name: "Save Flow records" }).isVisible(), patience).toBe(false);
    const captureDays = page.getByLabel("Captures: keep, days after their end");
    expect(await captureDays.inputValue()).toBe("30");
    await captureDays.fill("14");
    await page.getByRole("button", { name: "Save Captures" }).click();
    await expect.poll(() => page.getByRole("button", { name: "Save Captures" }).isVisible(), patience).toBe(false);
    await page.reload();
    await expect.poll(() => days.inputValue(), patience).toBe("3");
    expect(await captureDays.inputValue()).toBe("14");
  });

  test("settings: an API token is shown once, works and is revoked", async () => {
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("tab", { name: "API tokens" }).click();
    await page.getByLabel("Name", { exact: true }).fill("grafana");
    await page.getByLabel("Sees hosts labelled").fill("env=prod");
    await page.getByRole("button", { name: "Make a token" }).click();
    const secret = await page.getByRole("group", { name: "API token" }).innerText();
    await survey("settings-token");
    const seen = async () => {
      const answer = await fetch(`${hub.url}/api/v1/hosts`, { headers: { authorization: `Bearer ${secret}` } });
      return answer.ok ? ((await answer.json()) as { items: { name: string }[] }).items.length : answer.status;
    };
    expect(await seen()).toBe(3);
    await page.keyboard.press("Escape");
    await page.getByRole("row", { name: /grafana.*Active/ }).waitFor();
    await survey("settings-tokens");
    await page.getByRole("button", { name: "Revoke grafana" }).click();
    await page.getByRole("row", { name: /grafana.*Revoked/ }).waitFor();
    expect(await seen()).toBe(401);
  });

  test("settings: reverse DNS is off until it is turned on", async () => {
    await page.getByRole("tab", { name: "Names" }).click();
    const asked = page.getByRole("checkbox", { name: "Ask reverse DNS for names of addresses" });
    expect(await asked.isChecked()).toBe(false);
    await survey("settings-names");
    await asked.check();
    await expect.poll(() => asked.isChecked(), patience).toBe(true);
    await page.reload();
    await expect.poll(() => asked.isChecked(), patience).toBe(true);
    await asked.uncheck();
    await expect.poll(() => asked.isChecked(), patience).toBe(false);
  });

  test("nothing was written to the console as an error", () => {
    expect(errors).toEqual([]);
  });
});

/** What a host of the fleet saw in an hour, oldest first: clients outside, and the hosts among themselves. */
async function converse(agent: PlayedAgent, name: string): Promise<void> {
  const own = [10, 1, 0, { "web-1": 11, "web-2": 12, "db-1": 21 }[name] ?? 1];
  for (let batch = 1; batch <= 12; batch++) {
    const count = 8 + ((batch * 5) % 7);
    const rows = Array.from({ length: count }, (_, i) => ({
      ifindex: 2,
      direction: i % 2 === 0 ? (1 as const) : (2 as const),
      frames: 10 + ((i * 37) % 400),
    }));
    const bytes = flowBatch({ hostId: agent.hostId, bootId: agent.bootId, stream: agent.stream, sequence: BigInt(batch) }, rows);
    const view = viewOf(bytes);
    const writtenNs = agent.bootNs - BigInt(13 - batch) * 240_000_000_000n;
    view.setBigUint64(headerAt.firstNs, writtenNs - 60_000_000_000n, true);
    view.setBigUint64(headerAt.lastNs, writtenNs, true);
    rows.forEach(({ direction }, i) => {
      const at = BATCH_HEADER_BYTES + i * FLOW_BYTES;
      const inside = i % 3 === 0;
      const peer = inside ? [10, 1, 0, name === "db-1" ? 11 + (i % 2) : 21] : [93, 184, i % 4, 10 + (batch % 9)];
      const service = inside ? 5432 : i % 5 === 1 ? 53 : 443;
      const lastNs = writtenNs - BigInt(i) * 1_000_000_000n;
      bytes.set(direction === 2 ? own : peer, at + flowAt.saddr);
      bytes.set(direction === 2 ? peer : own, at + flowAt.daddr);
      view.setUint16(at + flowAt.sportBe, 40_000 + batch * 50 + i);
      view.setUint16(at + flowAt.dportBe, service);
      view.setUint8(at + flowAt.ipProto, service === 53 ? 17 : 6);
      view.setBigUint64(at + flowAt.firstNs, lastNs - BigInt((i % 5) * 600_000_000), true);
      view.setBigUint64(at + flowAt.lastNs, lastNs, true);
    });
    await agent.send(bytes);
  }
}

const survey = (name: string): Promise<void> => surveyPage(page, name);
