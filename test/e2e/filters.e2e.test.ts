import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { axeViolations } from "../support/axe.ts";
import { startBrowser } from "../support/browser.ts";
import { framesOf, knownMix, pcapFile } from "../support/frames.ts";
import { gated, needs } from "../support/needs.ts";
import { type World, createWorld } from "../support/world.ts";

/*
 * One expression pushed by the page to two hosts: what each made of it, which packets are recorded from
 * then on, what is still counted, and all as before once it is taken back.
 */

const EXPRESSION = "udp port 53";
/** The round of the mix that packets to try the way with are of. */
const PROBE = 3;
const patience = { timeout: 30_000, interval: 100 };
/** What tcpdump would print of the mix: it sees a tagged frame as one of EtherType 802.1Q. */
const matching = (round: number): Buffer[] =>
  framesOf(knownMix(round).filter((part) => part.proto.startsWith("udp"))).filter((frame) => frame.readUInt16BE(12) !== 0x8100);

let world: World;
let page: Page;
let hostB: string;
const undo: (() => Promise<void>)[] = [];
const gate = gated(needs.namespaces, needs.btf, needs.tcx, needs.chromium, needs.tcpreplay);

describe.skipIf(gate.skip)(gate.name("filters"), () => {
  beforeAll(async () => {
    world = await createWorld();
    undo.push(world.close);
    await world.agentOn("a", [], "web-1");
    await world.agentOn("b", [], "files-1");
    const { rows } = await world.database.query("SELECT id FROM host WHERE name = 'files-1'");
    hostB = (rows as { id: string }[])[0]?.id ?? "";
    const { browser, close } = await startBrowser(world.lab.inside("a", []));
    undo.push(close);
    const context = await browser.newContext({ ignoreHTTPSErrors: true, baseURL: world.hub.url, viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    await page.goto(await world.hub.admin("admin-link"));
    await page.getByRole("button", { name: "Sign in to this hub" }).click();
    await page.getByLabel("E-mail").waitFor();
  });

  afterAll(async () => {
    for (const step of undo.toReversed()) await step();
  });

  test("an expression is judged while it is typed, and its fault is marked", async () => {
    await page.goto("/");
    await page.getByRole("link", { name: "Filters" }).click();
    const push = page.getByRole("button", { name: "Push to all hosts" });
    await page.getByLabel("Filter expression").fill("udp prot 53");
    await page.getByText('not understood from "prot 53" on').waitFor();
    expect(await page.getByLabel("Place of the fault").locator("mark").innerText()).toBe("prot");
    expect(await push.isDisabled()).toBe(true);
    await page.getByLabel("Filter expression").fill("host www.example.com");
    await page.getByText(/names are not resolved/).waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });

  test("pushed, it is in the kernel of both hosts, with its cost", async () => {
    await page.getByLabel("Filter expression").fill(EXPRESSION);
    await page.getByText(/^Compiles to \d+ instructions/).waitFor();
    await page.getByRole("button", { name: "Push to all hosts" }).click();
    const dialog = page.getByRole("dialog", { name: "Push to 2 hosts?" });
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Push to 2 hosts" }).click();
    await page.getByText("All filters on 2 hosts").waitFor();
    await page.getByText("2 applied").waitFor();
    const hosts = page.getByRole("grid", { name: "Hosts of the filters" });
    for (const name of ["web-1", "files-1"])
      await hosts.getByRole("row", { name: new RegExp(`^${name} Applied \\d+ ?ns \\d+ 1 `) }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });

  test("only what matches is recorded; everything is counted, and each packet is in one class of the ledger", async () => {
    const probes = await openLiveList();
    send(framesOf(knownMix(1)));
    await vi.waitFor(async () => expect((await rowsOf(1)).shown).toBe(matching(1).length), patience);
    const sent = framesOf(knownMix(1)).length + probes;
    await vi.waitFor(async () => expect(await countedOnWire()).toBe(sent), patience);
    // Nothing else came: the rest of the list are probes, which match too.
    const [mix, probed] = [await rowsOf(1), await rowsOf(PROBE)];
    expect(mix).toEqual({ shown: matching(1).length, kept: matching(1).length + probed.shown });
    await vi.waitFor(async () => {
      const { rows: streams } = await world.database.query("SELECT * FROM agent_stream WHERE host_id = $1", [hostB]);
      const ledger = streams[0] as Record<string, string>;
      const n = (field: string): bigint => BigInt(ledger[field] ?? "-1");
      expect(n("seen")).toBe(n("unmatched") + n("sampled_out") + n("ring_lost") + n("no_reader") + n("delivered"));
      expect(n("delivered")).toBe(n("queue_lost") + n("stored") + n("refused"));
      const totals = await world.database.query("SELECT * FROM filter_total WHERE host_id = $1 AND filter_set = 1", [hostB]);
      const taken = String(matching(1).length + probes);
      expect(totals.rows).toMatchObject([{ bit: 0, matched: taken, delivered: taken, sampled_out: "0", ring_lost: "0", no_reader: "0" }]);
    }, patience);
  });

  test("taken back, everything is recorded again", async () => {
    await page.goto("/filters");
    const { rows: totals } = await world.database.query("SELECT sum(matched)::text AS matched FROM filter_total WHERE filter_set = 1");
    const filter = page.getByRole("table", { name: "Active filters" }).getByRole("row", { name: EXPRESSION });
    await filter.getByRole("cell", { name: totals[0].matched, exact: true }).first().waitFor();
    await page.getByRole("button", { name: `Take back ${EXPRESSION}` }).click();
    await page.getByText("No filter is active").waitFor();
    await page.getByText("2 applied").waitFor();
    await openLiveList();
    send(framesOf(knownMix(2)));
    const withPorts = framesOf(knownMix(2).filter((part) => /^(tcp|udp)/.test(part.proto)));
    await vi.waitFor(async () => expect((await rowsOf(2)).shown).toBe(withPorts.length), patience);
    const { rows } = await world.database.query("SELECT action FROM audit_event WHERE action LIKE 'filter.%' ORDER BY id");
    expect(rows).toEqual([{ action: "filter.create" }, { action: "filter.remove" }]);
  });
});

/** Opens b's packet list and sends one matching packet after the other until the first is on it: from then on none is missed. Says how many. */
async function openLiveList(): Promise<number> {
  await page.goto(`/hosts/${hostB}`);
  await page.getByRole("grid", { name: "Packets" }).waitFor();
  for (let probes = 1; ; probes++) {
    if (probes > 60) throw new Error("the packet list of host b shows nothing");
    send(matching(PROBE).slice(0, 1));
    const came = page.getByText(/^[1-9][0-9\u2009]* rows kept/).waitFor({ timeout: 500 });
    if (
      await came.then(
        () => true,
        () => false,
      )
    )
      return probes;
  }
}

/** How many rows of the list are of a round of the mix, told by their source ports, and how many there are at all. */
async function rowsOf(round: number): Promise<{ shown: number; kept: number }> {
  await page.getByLabel("Filter the rows shown").fill(`:4${round}`);
  const text = await page.getByText(/^[0-9\u2009]+ of [0-9\u2009]+ rows/).innerText();
  const [shown = -1, kept = -1] = text.replaceAll("\u2009", "").match(/\d+/g)?.map(Number) ?? [];
  return { shown, kept };
}

/** Sends frames from a's end of the bare wire to b's. */
function send(frames: readonly Buffer[]): void {
  const file = join(world.folder, "mix.pcap");
  writeFileSync(file, pcapFile(frames));
  world.lab.run("a", ["tcpreplay", "--quiet", "--topspeed", "-i", "wire0", file]);
}

/** Frames that b counted coming in on wire0, as Postgres holds them: TCP, UDP and ICMP of both versions. */
async function countedOnWire(): Promise<number> {
  const columns = ["tcp4", "udp4", "icmp4", "tcp6", "udp6", "icmp6"].map((proto) => `coalesce(sum(rx_${proto}_frames), 0)`);
  const { rows } = await world.database.query(
    `SELECT (${columns.join(" + ")})::int AS frames FROM interface_counters
      WHERE interface_id IN (SELECT id FROM interface WHERE name = 'wire0' AND host_id = $1)`,
    [hostB],
  );
  return (rows as { frames: number }[])[0]?.frames ?? -1;
}
