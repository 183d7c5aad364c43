import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startBrowser } from "../support/browser.ts";
import { gated, needs } from "../support/needs.ts";
import { DESK, survey } from "../support/survey.ts";
import { type World, createWorld } from "../support/world.ts";

/*
 * The palette and saved views, enrolment, labels of many hosts, a host's counters and what is in its kernel, filters for
 * hosts of a label, and a capture across both hosts from its start to its packets: as a person walks through them.
 */

const TIMEOUT = 60_000;
let world: World;
let page: Page;
const undo: (() => Promise<void>)[] = [];
const gate = gated(needs.namespaces, needs.btf, needs.tcx, needs.chromium);

describe.skipIf(gate.skip)(gate.name("screens"), () => {
  beforeAll(async () => {
    world = await createWorld();
    undo.push(world.close);
    await world.agentOn("a", [], "web-1");
    await world.agentOn("b", [], "db-1");
    const { browser, close } = await startBrowser(world.lab.inside("a", []));
    undo.push(close);
    const context = await browser.newContext({ ignoreHTTPSErrors: true, baseURL: world.hub.url, viewport: DESK });
    page = await context.newPage();
    page.setDefaultTimeout(TIMEOUT);
    await page.goto(await world.hub.admin("admin-link"));
    await page.getByRole("button", { name: "Sign in to this hub" }).click();
    await page.getByLabel("E-mail").waitFor();
  });

  afterAll(async () => {
    for (const step of undo.toReversed()) await step();
  });

  test("the palette finds screens, hosts and things to do, by keys alone", async () => {
    await page.goto("/");
    await page.getByRole("row", { name: /web-1/ }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Go to or do" }).waitFor();
    await page.keyboard.type("db-1");
    await page.getByRole("option", { name: /db-1/ }).waitFor();
    await survey(page, "palette");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/hosts\//);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("enrol");
    await page.getByRole("option", { name: "Enrol" }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/enrol/);
  });

  test("enrolment: the tokens that were made, and one more that is revoked", async () => {
    const tokens = page.getByRole("table", { name: "Enrolment tokens" });
    await tokens.getByRole("row", { name: /Used .* web-1/ }).waitFor();
    await page.getByRole("button", { name: "Add a host" }).click();
    await page.getByRole("dialog", { name: "Add a host" }).getByLabel("Install line").waitFor();
    await page.keyboard.press("Escape");
    await tokens
      .getByRole("row", { name: /Waiting for its host/ })
      .getByRole("button")
      .click();
    await tokens.getByRole("row", { name: /Revoked/ }).waitFor();
    await survey(page, "enrol");
  });

  test("all hosts that are listed are labelled at once, and the view of them is saved", async () => {
    await page.goto("/?filter=db");
    await page.getByRole("button", { name: "Label", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Label 1 host" });
    await dialog.getByLabel("Labels to set").fill("role=db");
    await survey(page, "label-hosts");
    await dialog.getByRole("button", { name: "Label", exact: true }).click();
    await dialog.getByText("1 of 1 done").waitFor();
    await page.keyboard.press("Escape");
    await page.getByLabel("Filter the hosts").fill("role=db");
    await page.getByRole("row", { name: /db-1/ }).waitFor();
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("menuitem", { name: "Save this view" }).click();
    await page.getByLabel("Name").fill("Databases");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.goto("/");
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("menuitem", { name: "Databases" }).click();
    await page.waitForURL(/filter=role%3Ddb/);
    expect(await page.getByRole("row", { name: /web-1/ }).count()).toBe(0);
  });

  test("a host: what it counted, its flows, and what is in its kernel", async () => {
    await page.getByRole("link", { name: "db-1" }).click();
    await page.getByRole("tab", { name: "Counters" }).click();
    await page
      .getByRole("table", { name: "Counters by interface" })
      .getByRole("row", { name: /mgmt0 in/ })
      .waitFor();
    await page.getByRole("table", { name: "Counters by TCP flag" }).getByRole("row", { name: /SYN/ }).waitFor();
    await survey(page, "host-counters");
    await page.getByRole("table", { name: "Counters by protocol" }).getByRole("button", { name: "TCP over IPv4" }).click();
    await page.getByRole("menuitem", { name: "Include ip && tcp" }).waitFor();
    await page.getByRole("menuitem", { name: "Capture this ip and tcp" }).waitFor();
    await survey(page, "host-counters-menu");
    await page.keyboard.press("Escape");
    await page.getByRole("tab", { name: "Agent" }).click();
    await page.getByRole("table", { name: "Programs in the kernel" }).getByRole("row").nth(1).waitFor();
    await page.getByRole("table", { name: "Maps in the kernel" }).getByRole("row").nth(1).waitFor();
    await survey(page, "host-agent");
    await page.getByRole("button", { name: "mgmt0 ingress" }).click();
    await page.getByRole("menuitem", { name: 'Include interface == "mgmt0" && direction == in' }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("tab", { name: "Flows" }).click();
    await page.getByRole("grid", { name: "Flows" }).waitFor();
    await survey(page, "host-flows");
  });

  test("a filter for hosts of a label is tried, pushed to them alone, and taken back", async () => {
    await page.goto("/filters?new=icmp");
    await page.getByRole("textbox", { name: "Hosts" }).fill("role=db");
    await page.getByText("1 host now").waitFor();
    await page.getByRole("button", { name: "Try for 10 s" }).click();
    const trial = page.getByRole("dialog", { name: "What it matches now" });
    await trial.getByRole("row", { name: /db-1 Running/ }).waitFor();
    world.lab.run("a", ["ping", "-c", "3", "-i", "0.2", "10.77.0.2"]);
    await trial.getByText("6 packets on 1 of 1 hosts").waitFor();
    await survey(page, "filter-trial");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Push to 1 host" }).click();
    await page.getByRole("dialog", { name: "Push to 1 host?" }).getByRole("button", { name: "Push to 1 host" }).click();
    const active = page.getByRole("table", { name: "Active filters" }).getByRole("row", { name: /icmp role=db/ });
    await active.getByRole("button", { name: "role=db" }).click();
    await page.getByRole("heading", { name: "icmp on 1 host" }).waitFor();
    await page
      .getByRole("grid", { name: "Hosts of the filters" })
      .getByRole("row", { name: /db-1 Applied/ })
      .waitFor();
    await survey(page, "filters-of-a-label");
    await active.getByRole("button", { name: "icmp", exact: true }).click();
    await survey(page, "filter-menu");
    await page.getByRole("menuitem", { name: "Push with changes" }).click();
    await page.getByText("1 host now").waitFor();
    expect(await page.getByLabel("Filter expression").inputValue()).toBe("icmp");
    expect(await page.getByRole("textbox", { name: "Hosts" }).inputValue()).toBe("role=db");
    await page
      .getByRole("grid", { name: "Hosts of the filters" })
      .getByRole("row", { name: /db-1 Applied/ })
      .getByRole("link")
      .click({ button: "right" });
    await page.getByRole("menuitem", { name: 'Include host.name == "db-1"' }).waitFor();
    await page.keyboard.press("Escape");
    await active.getByRole("button", { name: "Take back icmp" }).click();
    await page.getByText("No filter is active").waitFor();
  });

  test("a capture of both hosts: started, watched, ended, opened packet by packet, deleted", async () => {
    await page.goto("/captures");
    await page.getByText("No captures yet").waitFor();
    await page.getByRole("button", { name: "Start a capture" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Start a capture" });
    await dialog.getByLabel("Filter expression").fill("icmp");
    await dialog.getByLabel("Bytes per packet").fill("256");
    await dialog.getByLabel("Reason").fill("an end to end test");
    await survey(page, "capture-new");
    await dialog.getByRole("button", { name: "Start on 2 hosts" }).click();
    const hosts = page.getByRole("grid", { name: "Hosts of the capture" });
    for (const name of ["web-1", "db-1"]) await hosts.getByRole("row", { name: new RegExp(`^${name} Running`) }).waitFor();
    world.lab.run("a", ["ping", "-c", "3", "-i", "0.2", "10.77.0.2"]);
    for (const name of ["web-1", "db-1"])
      await hosts.getByRole("row", { name: new RegExp(`^${name} Running 6 6 0 0 128, limited`) }).waitFor();
    await survey(page, "capture-running");
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText(/^Ended after .* it was stopped/).waitFor();
    await page.getByRole("button", { name: "icmp", exact: true }).click();
    await page.getByRole("menuitem", { name: "Capture this icmp" }).waitFor();
    await page.getByRole("menuitem", { name: "Push as filter" }).waitFor();
    await page.keyboard.press("Escape");
    await hosts.getByRole("link", { name: "db-1" }).click({ button: "right" });
    await survey(page, "capture-host-menu");
    await page.getByRole("menuitem", { name: 'Include host.name == "db-1"' }).click();
    await page
      .getByRole("row", { name: /echo request id=/ })
      .nth(2)
      .waitFor();
    expect(await page.getByRole("row", { name: /echo request id=/ }).count()).toBe(3);
    await page.goBack();
    await page.getByRole("link", { name: "Open packets" }).click();
    await page
      .getByRole("row", { name: /echo request id=/ })
      .first()
      .waitFor();
    await survey(page, "capture-packets");
    await page.goto("/captures");
    const row = page.getByRole("grid", { name: "Captures" }).getByRole("row", { name: /icmp Ended 2 ended 12/ });
    await row.getByRole("link").click({ button: "right" });
    await survey(page, "captures-menu");
    await page.getByRole("menuitem", { name: "Capture this icmp" }).click();
    await expect.poll(() => dialog.getByLabel("Filter expression").inputValue()).toBe("icmp");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await row.getByRole("link").click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog", { name: "Delete this capture?" }).getByRole("button", { name: "Delete" }).click();
    await page
      .getByText(/No captures yet|What it matches/)
      .first()
      .waitFor();
    const { rows } = await world.database.query("SELECT action FROM audit_event WHERE action LIKE 'capture.%' ORDER BY id");
    expect(rows.map((row) => (row as { action: string }).action)).toContain("capture.create");
  });
});
