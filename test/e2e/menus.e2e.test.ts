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

/* Menus of the values of the fleet and of one host, whose agents are played: what each offers, and where it leads. */

const patience = { timeout: 15_000, interval: 100 };
const { frames } = talk(0);
let hub: HubAlone;
let page: Page;
let web: { readonly id: string; readonly send: () => Promise<void> };
const errors: string[] = [];
const undo: (() => Promise<void>)[] = [];
const gate = gated(needs.chromium);

const menu = () => page.getByRole("menu");
const item = (name: string | RegExp) => menu().getByRole("menuitem", { name });
const rows = () => page.getByRole("grid", { name: "Hosts" }).locator("[data-index]");
const row = (name: string) => rows().filter({ hasText: name });
const filterOf = (): string | null => new URL(page.url()).searchParams.get("filter");
const packetList = () => page.getByRole("status", { name: "Packet list" }).innerText();
const packetRows = () => page.getByRole("grid", { name: "Packets" }).locator("[data-index]");

describe.skipIf(gate.skip)(gate.name("menus of values"), () => {
  beforeAll(async () => {
    hub = await startHubAlone();
    undo.push(hub.close);
    for (const [name, labels] of [
      ["web-1", { env: "prod", role: "web" }],
      ["db-1", { env: "prod", role: "db" }],
      ["build-1", { env: "test" }],
    ] as const) {
      const nic = { ...simInterface, mac: "02:00:5e:10:00:01", addresses: ["10.1.0.11", "2001:db8::11"] };
      const agent = await hub.play({ name, labels, interfaces: [nic] });
      if (name === "web-1") web = { id: agent.hostId, send: sender(agent, frames) };
    }
    const { browser, close } = await startBrowser();
    undo.push(close);
    const context = await browser.newContext({ baseURL: hub.url, viewport: DESK });
    page = await context.newPage();
    page.setDefaultTimeout(patience.timeout);
    page.on("console", (message) => message.type() === "error" && errors.push(`${page.url()}: ${message.text()}`));
    page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.stack ?? error.message}`));
    await signIn(page, hub);
    await row("build-1").waitFor();
  });
  afterAll(async () => {
    for (const step of undo.toReversed()) await step();
  });

  test("the fleet: a label is shut out, a version and a state are taken in, in the filter's own words", async () => {
    await row("db-1").getByRole("button", { name: "env=prod" }).click({ button: "right" });
    await menu().getByText("Label env=prod").waitFor();
    await survey(page, "fleet-label-menu");
    await item("Exclude").click();
    await expect.poll(() => rows().count(), patience).toBe(1);
    expect([filterOf(), await page.getByLabel("Filter the hosts").inputValue()]).toEqual(["!env=prod", "!env=prod"]);
    await row("build-1").getByText("6.18.0").click({ button: "right" });
    await item("Include kernel:6.18.0").click();
    await row("build-1").getByText("Live").click({ button: "right" });
    await item("Only this").click();
    await expect.poll(() => rows().count(), patience).toBe(3);
    await expect.poll(filterOf, patience).toBe("status:live");
  });

  test("the fleet: by keys a host has its menu, and a click on its row still opens the host", async () => {
    await page.goto("/?filter=build");
    await expect.poll(() => rows().count(), patience).toBe(1);
    await page.getByRole("grid", { name: "Hosts" }).focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Shift+F10");
    await menu().getByText("Host build-1").waitFor();
    await survey(page, "fleet-host-menu");
    await page.keyboard.press("Escape");
    await menu().waitFor({ state: "detached" });
    expect(await page.getByRole("grid", { name: "Hosts" }).evaluate((grid) => grid === document.activeElement)).toBe(true);
    await row("build-1").getByText("6.18.0").click();
    await page.waitForURL("**/hosts/*");
    await page.goto("/");
  });

  test("a host is captured, and a label is pushed to, by choosing them beforehand", async () => {
    await row("web-1").getByRole("link", { name: "web-1" }).click({ button: "right" });
    await item("Capture this web-1").click();
    const dialog = page.getByRole("dialog", { name: "Start a capture" });
    await dialog.getByRole("button", { name: "Start on 1 host" }).waitFor();
    expect(await dialog.getByLabel("Hosts").inputValue()).toBe("web-1");
    await page.goto("/");
    await row("web-1").getByRole("button", { name: "role=web" }).click({ button: "right" });
    await item("Push as filter").click();
    await page.getByText("1 host now").waitFor();
    expect(await page.getByRole("textbox", { name: "Hosts" }).inputValue()).toBe("role=web");
    await page.goto("/");
    await row("web-1").getByRole("button", { name: "role=web" }).click({ button: "right" });
    await item(/^Flows of these hosts/).click();
    await page.waitForURL("**/flows?**");
    expect(filterOf()).toBe('host.label.role == "web"');
  });

  test("a host's labels and passport lead to the hosts that are the same", async () => {
    await page.goto(`/hosts/${web.id}?tab=labels`);
    await page.getByRole("table", { name: "Labels" }).getByRole("button", { name: "prod" }).click();
    await item("Include env=prod").click();
    await expect.poll(() => rows().count(), patience).toBe(2);
    await page.goto(`/hosts/${web.id}?tab=passport`);
    await page.getByRole("button", { name: "6.18.0" }).click();
    await survey(page, "host-passport-menu");
    await item("Include kernel:6.18.0").click();
    await page.waitForURL("**/?filter=kernel%3A6.18.0");
    await page.goto(`/hosts/${web.id}?tab=interfaces`);
    await page.getByRole("list", { name: "Labels" }).getByRole("button", { name: "role=web" }).click();
    await item("Exclude").click();
    await expect.poll(() => rows().count(), patience).toBe(2);
  });

  test("a host's addresses and interfaces are watched, captured and copied", async () => {
    await page.goto(`/hosts/${web.id}?tab=interfaces`);
    const table = page.getByRole("table", { name: "Interfaces" });
    await table.getByRole("button", { name: "10.1.0.11" }).click({ button: "right" });
    await menu().getByText("Address 10.1.0.11").waitFor();
    await survey(page, "host-address-menu");
    await item("Capture this host 10.1.0.11").click();
    await page.getByRole("button", { name: "Start on 1 host" }).waitFor();
    await page.goBack();
    await table.getByRole("button", { name: "02:00:5e:10:00:01" }).focus();
    await page.keyboard.press("Enter");
    await item("Include eth.addr == 02:00:5e:10:00:01").waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent), patience).toBe("02:00:5e:10:00:01");
    await table.getByRole("button", { name: "eth0" }).click();
    await item("Exclude").click();
    await page.waitForURL("**/packets?**");
    expect([new URL(page.url()).searchParams.get("live"), filterOf()]).toEqual(["web-1", '!(interface == "eth0")']);
  });

  test("text that is selected is the browser's, not the menu's", async () => {
    await page.goto(`/hosts/${web.id}?tab=interfaces`);
    const mac = page.getByRole("button", { name: "02:00:5e:10:00:01" });
    const box = await mac.boundingBox();
    if (box === null) throw new Error("it is not shown");
    await page.mouse.move(box.x + 5, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 5, box.y + box.height / 2);
    await page.mouse.up();
    expect(await page.evaluate(() => getSelection()?.toString())).toMatch(/^[0-9a-f:]{10,17}$/);
    // The browser's own menu would stand in the way of all that follows.
    await page.evaluate(() =>
      addEventListener("contextmenu", (event) => {
        document.title = event.defaultPrevented ? "ours" : "the browser's";
        event.preventDefault();
      }),
    );
    await mac.click({ button: "right" });
    expect([await page.title(), await menu().count()]).toEqual(["the browser's", 0]);
    await page.getByRole("columnheader", { name: "MTU" }).click();
    await mac.click({ button: "right" });
    await menu().waitFor();
    expect(await page.title()).toBe("ours");
    await page.keyboard.press("Escape");
  });

  test("an empty list of packets holds nothing under the pointer; one with rows does", async () => {
    await page.goto(`/hosts/${web.id}`);
    await page.getByText("No packets yet").hover();
    await expect.poll(packetList, patience).toBe("Following");
    await expect.poll(async () => (await packetRows().count()) > 0 || (await web.send(), false), patience).toBe(true);
    await expect.poll(packetList, patience).toContain("Held while the pointer is over the list");
    await page.mouse.move(640, 20);
    await expect.poll(packetList, patience).toBe("Following");
  });

  test("a host whose name is not known yet is watched all the same", async () => {
    await page.route(`**/api/v1/hosts/${web.id}`, (route) => route.abort());
    await page.goto(`/hosts/${web.id}`);
    await expect.poll(async () => (await packetRows().count()) > 0 || (await web.send(), false), patience).toBe(true);
    await packetRows().last().getByRole("gridcell").nth(3).click({ button: "right" });
    await item(/^Include ip/).click();
    await page.waitForURL("**/packets?**");
    expect(new URL(page.url()).searchParams.get("live")).toBe(web.id);
    await page.unrouteAll();
    await expect.poll(async () => (await packetRows().count()) > 0 || (await web.send(), false), patience).toBe(true);
    errors.splice(0, errors.length, ...errors.filter((error) => !error.includes("ERR_FAILED"))); // the answer that was kept back
  });

  test("nothing was written to the console as an error", () => {
    expect(errors).toEqual([]);
  });
});
