import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startBrowser } from "../support/browser.ts";
import { type HubAlone, startHubAlone } from "../support/hub-alone.ts";
import { gated, needs } from "../support/needs.ts";
import { sender } from "../support/sender.ts";
import { signIn } from "../support/sign-in.ts";
import { simInterface } from "../support/sim-agent.ts";
import { DESK, survey } from "../support/survey.ts";
import { talk } from "../support/talk.ts";

/* The Packets screen with hosts that are watched live; their agents are played, so that what they send is known. */

const patience = { timeout: 15_000, interval: 100 };
const { frames } = talk(0);

let hub: HubAlone;
let page: Page;
const hosts = new Map<string, () => Promise<void>>();
const errors: string[] = [];
const undo: (() => Promise<void>)[] = [];
const gate = gated(needs.chromium);

describe.skipIf(gate.skip)(gate.name("packets of hosts"), () => {
  beforeAll(async () => {
    hub = await startHubAlone();
    undo.push(hub.close);
    for (const [name, env] of [
      ["web-1", "prod"],
      ["db-1", "test"],
    ] as const)
      hosts.set(name, sender(await hub.play({ name, labels: { env }, interfaces: [simInterface] }), frames));
    const { browser, close } = await startBrowser();
    undo.push(close);
    const context = await browser.newContext({ baseURL: hub.url, viewport: DESK });
    page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && errors.push(`${page.url()}: ${message.text()}`));
    page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.stack ?? error.message}`));
    await signIn(page, hub);
  });
  afterAll(async () => {
    for (const step of undo.toReversed()) await step();
  });

  test("hosts are chosen by label, and only their packets come", async () => {
    await page.goto("/packets");
    await page.getByRole("button", { name: "Watch hosts", exact: true }).click();
    await page.getByRole("dialog", { name: "Watch hosts" }).getByLabel("Hosts").fill("env=prod");
    await page.getByText("1 host now").waitFor();
    await page.getByRole("button", { name: "Watch", exact: true }).click();
    await page.getByText("No packets yet").waitFor();
    expect(new URL(page.url()).searchParams.get("live")).toBe("env=prod");
    await sendUntilShown("db-1", "web-1");
    await expect.poll(listState, patience).toBe("Following");
    await expect.poll(() => rows().filter({ hasText: "web-1" }).count(), patience).toBeGreaterThan(5);
    expect(await rows().filter({ hasText: "db-1" }).count()).toBe(0);
    await rows().filter({ hasText: "Client Hello" }).waitFor();
  });

  test("paused it stands still and says how many are new; resumed it catches up", async () => {
    await grid().focus();
    await page.mouse.move(640, 20);
    await page.keyboard.press("Space");
    await expect.poll(listState, patience).toContain("Paused");
    const before = await packets();
    await send("web-1");
    await expect.poll(listState, patience).toContain(`${frames.length} new`);
    expect(await packets()).toBe(before);
    await survey(page, "packets-live-paused");
    await page.getByRole("button", { name: "Resume" }).click();
    await expect.poll(packets, patience).toBe(before + frames.length);
    await expect.poll(listState, patience).toBe("Following");
  });

  test("a chosen packet holds the list, Escape lets it go on; its panes are those of a file", async () => {
    await rows().filter({ hasText: "Standard query response" }).last().click();
    await page.getByRole("tree", { name: "Layers" }).waitFor();
    await expect.poll(listState, patience).toContain("Held while");
    await page.getByRole("treeitem", { name: /UDP/ }).first().waitFor();
    await survey(page, "packets-live");
    await page.mouse.move(640, 20);
    await page.keyboard.press("Escape");
    await expect.poll(listState, patience).toBe("Following");
  });

  test("the address brings the view back; hosts by name; who is not there is named", async () => {
    await page.goto("/packets?live=db-1&filter=dns");
    await sendUntilShown("web-1", "db-1");
    await expect.poll(() => rows().count(), patience).toBeGreaterThanOrEqual(2);
    expect(await rows().filter({ hasNotText: "DNS" }).count()).toBe(0);
    await page.goto("/packets?live=nobody");
    await page.getByText("nobody: no host of this name").waitFor();
    expect(errors).toEqual([]);
  });

  test("a capture that is not there is told in the hub's words", async () => {
    await page.goto("/packets?capture=00000000-0000-4000-8000-000000000000");
    await page.getByText("could not be read").waitFor();
    await survey(page, "packets-no-capture");
  });
});

/** Lets hosts send the talk, in this order. */
async function send(...names: readonly string[]): Promise<void> {
  for (const name of names) await hosts.get(name)?.();
}
/** A subscription begins a moment after the page says so: what was sent before is not shown, and is sent again. */
async function sendUntilShown(...names: readonly string[]): Promise<void> {
  await expect.poll(async () => (await packets()) > 0 || (await send(...names).then(packets)) > 0, patience).toBe(true);
}

const grid = () => page.getByRole("grid", { name: "Packets" });
const rows = () => grid().locator("[data-index]");
const listState = () => page.getByRole("status", { name: "Packet list" }).innerText();
/** Packets that the page says it holds. */
async function packets(): Promise<number> {
  const items = await page.getByLabel("Ledger").locator("> div").allInnerTexts();
  const item = items.find((text) => text.startsWith("Packets")) ?? "";
  return Number(item.slice("Packets".length).replaceAll(/\s/g, ""));
}
