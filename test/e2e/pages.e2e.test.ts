import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { axeViolations } from "../support/axe.ts";
import { startBrowser } from "../support/browser.ts";
import { gated, needs } from "../support/needs.ts";
import { playRogue } from "../support/play-rogue.ts";
import { startTraffic } from "../support/traffic.ts";
import { type Agent, type World, createWorld } from "../support/world.ts";

/*
 * Every screen, with real traffic behind it, in dark and light: no accessibility violation, no error in
 * the console, usable by keyboard. With SONDE_SCREENSHOTS=DIR each is written there as a picture too.
 */

const sizes = { "1280": { width: 1280, height: 800 }, "2560": { width: 2560, height: 1440 } } as const;
const patience = { timeout: 15_000, interval: 100 };
const shots = process.env["SONDE_SCREENSHOTS"];
if (shots !== undefined) mkdirSync(shots, { recursive: true });

let world: World;
let context: BrowserContext;
let page: Page;
let agentB: Agent;
let hostA: string;
let hostB: string;
const errors: string[] = [];
const undo: (() => Promise<void>)[] = [];

const gate = gated(needs.namespaces, needs.btf, needs.tcx, needs.chromium, needs.busybox, needs.curl);

describe.skipIf(gate.skip)(gate.name("pages"), () => {
  beforeAll(async () => {
    world = await createWorld();
    undo.push(world.close);
    await world.agentOn("a", [], "web-1");
    agentB = await world.agentOn("b", [], "files-1");
    const { rows } = await world.database.query("SELECT id FROM host ORDER BY name DESC");
    [hostA, hostB] = rows.map((row: { id: string }) => `/hosts/${row.id}`) as [string, string];
    undo.push(startTraffic(world.lab, world.folder));
    const { browser, close } = await startBrowser(world.lab.inside("a", []));
    undo.push(close);
    context = await browser.newContext({ ignoreHTTPSErrors: true, baseURL: world.hub.url, viewport: sizes["1280"] });
    page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && errors.push(`${page.url()}: ${message.text()}`));
    page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.stack ?? error.message}`));
  });

  afterAll(async () => {
    for (const step of undo.toReversed()) await step();
  });

  test("signed out, every address leads to the sign-in", async () => {
    for (const address of ["/", hostA]) {
      await page.goto(address);
      await page.waitForURL("**/sign-in");
    }
    await survey("sign-in");
  });

  test("the one-time link and the password", async () => {
    await page.goto(await world.hub.admin("admin-link"));
    await page.getByRole("button", { name: "Sign in to this hub" }).waitFor();
    await survey("link");
    await page.getByRole("button", { name: "Sign in to this hub" }).click();
    await page.getByLabel("E-mail").fill("admin@example.net");
    await page.getByLabel("Password", { exact: true }).fill("short");
    await page.getByRole("button", { name: "Save and continue" }).click();
    await page.getByText("Between 12 and 200 characters.").waitFor();
    await survey("password");
    await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
    await page.getByLabel("Password again").fill("correct horse battery");
    await page.getByRole("button", { name: "Save and continue" }).click();
  });

  test("the fleet, and the dialog that adds a host", async () => {
    const hosts = page.getByRole("grid", { name: "Hosts" }).getByRole("row", { name: /Live/ });
    await expect.poll(() => hosts.count(), patience).toBe(2);
    if (shots !== undefined) await page.waitForTimeout(200_000); // a picture of rates wants minutes of them
    await survey("fleet");
    await page.getByRole("button", { name: "Add a host" }).click();
    await page.getByRole("group", { name: "Install line" }).waitFor();
    await survey("add-host");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }, 300_000);

  test("a host by its address: live rows, one packet, interfaces, passport", async () => {
    await page.goto(hostA);
    await packetRows().first().waitFor();
    await survey("host-live");
    await expect.poll(listState, patience).toBe("Following"); // also through changes of the window's size
    expect(await blankFrames(120)).toBe(0);
    await page.getByLabel("Filter the rows shown").fill("8080");
    await packetRows().filter({ hasText: "PSH" }).first().click();
    await page.getByRole("complementary", { name: "Packet" }).waitFor();
    await survey("host-packet");
    await packetRows().filter({ hasText: "PSH" }).first().getByRole("gridcell").nth(3).click({ button: "right" });
    await page.getByRole("menuitem", { name: /^Include ip(v6)?\.src == / }).waitFor();
    await page.getByRole("menuitem", { name: /^Capture this src host / }).waitFor();
    await survey("host-menu");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.getByRole("tab", { name: /^Interfaces/ }).click();
    await page.getByRole("table", { name: "Interfaces" }).waitFor();
    await survey("host-interfaces");
    await page.reload();
    await page.getByRole("table", { name: "Interfaces" }).waitFor();
    await page.getByRole("tab", { name: "Passport" }).click();
    await page.getByRole("table", { name: "Capabilities" }).waitFor();
    await survey("host-passport");
  });

  test("every part in every state", async () => {
    await page.goto("/parts");
    await page.getByRole("heading", { level: 1 }).waitFor();
    await survey("parts");
  });

  test("the keyboard is enough", async () => {
    await page.goto(hostA);
    await packetRows().nth(5).waitFor();
    await page.keyboard.press("Space");
    await expect.poll(listState, patience).toContain("Paused");
    await page.keyboard.press("Space");
    await expect.poll(listState, patience).toBe("Following");

    await page.keyboard.press("/");
    await page.keyboard.type("icmp");
    await expect.poll(() => page.getByLabel("Filter the rows shown").inputValue(), patience).toBe("icmp");
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByLabel("Filter the rows shown").inputValue(), patience).toBe("");

    await page.getByRole("grid", { name: "Packets" }).focus();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowUp");
    await expect.poll(listState, patience).toContain("Held while you walk packets");
    const packet = page.getByRole("complementary", { name: "Packet" });
    const chosen = page.locator('[role="row"][aria-selected="true"]');
    const row = await chosen.getAttribute("aria-rowindex");
    await page.keyboard.press("ArrowUp");
    await expect.poll(() => chosen.getAttribute("aria-rowindex"), patience).toBe(String(Number(row) - 1));
    await page.keyboard.press("Home");
    await expect.poll(() => chosen.getAttribute("aria-rowindex"), patience).toBe("2");
    await page.keyboard.press("Enter");
    await expect.poll(() => packet.evaluate((element) => element === document.activeElement), patience).toBe(true);
    await page.keyboard.press("Escape");
    await packet.waitFor({ state: "detached" });
    await expect.poll(listState, patience).toBe("Following");

    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await survey("shortcuts");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  test("a host that falls silent goes stale, then is lost; a refused one says why, a removed one is gone", async () => {
    await page.goto(hostB);
    await packetRows().first().waitFor();
    process.kill(agentB.child.pid, "SIGSTOP");
    await page.getByRole("button", { name: /^Stale$/ }).waitFor();
    await survey("host-stale");
    await page.getByRole("button", { name: /^Lost$/ }).waitFor({ timeout: 90_000 });
    await survey("host-lost");
    await page.goto("/");
    await page.getByRole("grid", { name: "Hosts" }).getByRole("row", { name: /Lost/ }).waitFor();
    await survey("fleet-lost");

    expect(playRogue(world, join(world.folder, "agent-b"), null).answers.version).toBe("PROTOCOL_VERSION");
    await page
      .getByRole("grid", { name: "Hosts" })
      .getByRole("row", { name: /Refused/ })
      .waitFor();
    await page.goto(hostB);
    await page.getByRole("button", { name: /^Refused$/ }).hover();
    const reason = page.getByText("Protocol version not supported");
    await reason.waitFor();
    await page.mouse.move(0, 0);
    await reason.waitFor({ state: "detached" });
    await survey("host-refused");

    process.kill(agentB.child.pid, "SIGCONT");
    await page.getByRole("button", { name: /^Live$/ }).waitFor();
    const status = await page.evaluate(async (id) => (await fetch(`/api/v1${id}`, { method: "DELETE" })).status, hostB);
    expect(status).toBe(204);
    await page.getByRole("heading", { name: "No such host" }).waitFor();
    errors.splice(0, errors.length, ...errors.filter((error) => !/status of 404/.test(error))); // that is the answer asked for
    await survey("host-removed");
  }, 180_000);

  test("nothing was written to the console as an error", () => {
    expect(errors).toEqual([]);
  });
});

/** In how many of the next frames, as painted, the packet list shows no row. */
async function blankFrames(frames: number): Promise<number> {
  return page.getByRole("grid", { name: "Packets" }).evaluate(async (box, count) => {
    let blank = 0;
    for (let i = 0; i < count; i++) {
      await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
      const { top, bottom } = box.getBoundingClientRect();
      const rows = [...box.querySelectorAll("[data-index]")].map((row) => row.getBoundingClientRect());
      if (!rows.some((row) => row.bottom > top + 28 && row.top < bottom)) blank++;
    }
    return blank;
  }, frames);
}

/** Whether the packet list follows, or why not. */
const listState = () => page.getByRole("status", { name: "Packet list" }).innerText();

const packetRows = () => page.getByRole("grid", { name: "Packets" }).getByRole("row").filter({ hasNotText: "Protocol" });

/** In both colour schemes: axe finds nothing; a picture when pictures are wanted, wide ones too. */
async function survey(name: string): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [width, size] of shots === undefined ? [] : Object.entries(sizes).toReversed()) {
      await page.setViewportSize(size);
      await page.waitForTimeout(400); // charts are drawn anew when their width changes
      await page.screenshot({ path: join(shots ?? "", `${name}-${colorScheme}-${width}.png`) });
    }
    expect(await axeViolations(page), `${name}, ${colorScheme}`).toEqual([]);
  }
}
