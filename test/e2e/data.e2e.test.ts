import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { AgentInterface } from "@sonde/protocol";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { axeViolations } from "../support/axe.ts";
import { startBrowser } from "../support/browser.ts";
import { type HubAlone, type PlayedAgent, startHubAlone } from "../support/hub-alone.ts";
import { gated, needs } from "../support/needs.ts";

/*
 * Labels, flows and settings in a browser, against the built hub and agents that are played. With SONDE_SCREENSHOTS=DIR
 * each screen is written there as a picture, dark and light.
 */

const patience = { timeout: 15_000, interval: 100 };
const shots = process.env["SONDE_SCREENSHOTS"];
if (shots !== undefined) mkdirSync(shots, { recursive: true });

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
    const { browser, close } = await startBrowser();
    undo.push(close);
    const context = await browser.newContext({ baseURL: hub.url, viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && errors.push(`${page.url()}: ${message.text()}`));
    page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.stack ?? error.message}`));
    await page.goto(await hub.admin("admin-link"));
    await page.getByRole("button", { name: "Sign in to this hub" }).click();
    await page.getByLabel("E-mail").fill("admin@example.net");
    await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
    await page.getByLabel("Password again").fill("correct horse battery");
    await page.getByRole("button", { name: "Save and continue" }).click();
    await page.getByRole("grid", { name: "Hosts" }).waitFor();
  });
  afterAll(async () => {
    for (const step of undo.toReversed()) await step();
  });

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

  test("nothing was written to the console as an error", () => {
    expect(errors).toEqual([]);
  });
});

/** In both colour schemes: axe finds nothing; a picture when pictures are wanted. */
async function survey(name: string): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    if (shots !== undefined) {
      await page.waitForTimeout(400); // charts are drawn anew in other colours
      await page.screenshot({ path: join(shots, `${name}-${colorScheme}.png`) });
    }
    expect(await axeViolations(page), `${name}, ${colorScheme}`).toEqual([]);
  }
}
