import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { protoClasses } from "@sonde/protocol";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startBrowser } from "../support/browser.ts";
import { enterCommand, makeBusyboxRoot } from "../support/chroot.ts";
import { type MixPart, bytesOf, framesOf, knownMix, pcapFile } from "../support/frames.ts";
import { gated, needs } from "../support/needs.ts";
import { linkStats } from "../support/netns.ts";
import { type Agent, type World, createWorld } from "../support/world.ts";

/*
 * The whole path on two hosts: hub and first agent in one network namespace, the second agent put into
 * a chroot of busybox and curl by the line that the page shows, real frames between them.
 */

let world: World;
let agentA: Agent;
let page: Page;
let closeBrowser: () => Promise<void>;
const hostB: { id: string; root: string } = { id: "", root: "" };
const agentPidFile = "var/lib/sonde/agent.pid";
const patience = { timeout: 30_000, interval: 100 };

const gate = gated(needs.namespaces, needs.btf, needs.tcx, needs.chromium, needs.busybox, needs.curl, needs.tcpreplay);

describe.skipIf(gate.skip)(gate.name("two hosts"), () => {
  beforeAll(async () => {
    world = await createWorld();
    agentA = await world.agentOn("a");
    const { browser, close } = await startBrowser(world.lab.inside("a", []));
    closeBrowser = close;
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1440, height: 900 } });
    page = await context.newPage();
  });

  afterAll(async () => {
    killAgentB("SIGTERM");
    await closeBrowser?.();
    await world?.close();
  });

  test("the one-time link signs in, a password is set, and this host is on the page", async () => {
    await page.goto(await world.hub.admin("admin-link"));
    await page.getByRole("button", { name: "Sign in to this hub" }).click();
    await page.getByLabel("E-mail").fill("admin@example.net");
    await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
    await page.getByLabel("Password again").fill("correct horse battery");
    await page.getByRole("button", { name: "Save and continue" }).click();
    const row = page.getByRole("grid", { name: "Hosts" }).getByRole("row", { name: /Live/ });
    await row.waitFor();
    expect(await row.count()).toBe(1);
  });

  test("the install line brings a bare host in, and the page turns to it", async () => {
    await page.getByRole("button", { name: "Add a host" }).click();
    const line = await page.getByRole("group", { name: "Install line" }).innerText();
    expect(line).toContain("--pinnedpubkey 'sha256//");
    hostB.root = join(world.folder, "bare-host");
    makeBusyboxRoot(hostB.root);
    const output = runOnB(line);
    expect(output).toContain("enrolled");
    expect(output).not.toContain("snd_enrol_");
    await page.waitForURL(/\/hosts\/[0-9a-f-]{36}$/);
    hostB.id = page.url().slice(-36);
    await page.getByRole("button", { name: /^Live$/ }).waitFor();
  });

  test("an exactly known mix is counted to the packet and to `ip -s link`, and shown", async () => {
    const mix = knownMix(1);
    const before = { a: linkStats(world.lab, "a", "wire0"), b: linkStats(world.lab, "b", "wire0") };
    send(mix);
    const after = { a: linkStats(world.lab, "a", "wire0"), b: linkStats(world.lab, "b", "wire0") };
    const frames = framesOf(mix);
    expect(after.b.rxPackets - before.b.rxPackets).toBe(frames.length);
    await vi.waitFor(async () => expect(await counted("b", "rx", mix)).toEqual(expectedCounts(mix)), patience);
    await vi.waitFor(async () => expect(await counted("a", "tx", mix)).toEqual(expectedCounts(mix)), patience);
    const total = await wireTotals("b");
    expect(total).toEqual({ rxFrames: after.b.rxPackets, rxBytes: after.b.rxBytes, txFrames: after.b.txPackets, txBytes: after.b.txBytes });
    expect(bytesOf(frames)).toBe(after.b.rxBytes - before.b.rxBytes);

    await page.getByLabel("Filter the rows shown").fill("192.0.2.1");
    const v4 = mix.filter((part) => part.proto.endsWith("4")).flatMap((part) => part.frames).length;
    await page.getByText(new RegExp(`^${v4} of [0-9 ]+ rows`)).waitFor();
    await page.getByLabel("Filter the rows shown").fill("2001:db8::1");
    const v6 = frames.length - v4;
    await page.getByText(new RegExp(`^${v6} of [0-9 ]+ rows`)).waitFor();
    const rows = page.getByRole("grid", { name: "Packets" }).getByRole("row", { name: /wire0.*2001:db8::1/ });
    expect(await rows.filter({ hasText: "ICMPv6" }).count()).toBeGreaterThan(0);
  });

  test("every packet is in one class of the ledger, and what was delivered is stored", async () => {
    await vi.waitFor(async () => {
      const { ledger } = (await api(`/hosts/${hostB.id}`)) as { ledger: Record<string, string> };
      const n = (field: string): bigint => BigInt(ledger[field] ?? "-1");
      expect(n("seen")).toBe(n("unmatched") + n("sampledOut") + n("lostRing") + n("noReader") + n("delivered"));
      expect(n("delivered")).toBe(n("lostQueue") + n("stored") + n("refused"));
      expect(n("seen")).toBeGreaterThan(0n);
    }, patience);
  });

  test("a killed agent goes stale, comes back, and nothing is counted twice", async () => {
    const mix = knownMix(1);
    expect(await counted("b", "rx", mix)).toEqual(expectedCounts(mix));
    killAgentB("SIGKILL");
    await page.getByRole("button", { name: /^Stale$/ }).waitFor();
    runOnB(`setsid /opt/sonde/current/sonde-agent run >>/var/lib/sonde/agent.log 2>&1 </dev/null & echo $! >/${agentPidFile}`);
    await page.getByRole("button", { name: /^Live$/ }).waitFor();
    send(knownMix(2));
    const both = [...mix, ...knownMix(2)];
    await vi.waitFor(async () => expect(await counted("b", "rx", both)).toEqual(expectedCounts(both)), patience);
  });

  test("agents that stop have put every packet into a flow record, or into a class that says why not", async () => {
    await agentA.stop();
    killAgentB("SIGTERM");
    hostB.root = "";
    await vi.waitFor(async () => expect(await heldByLatest()).toEqual([0, 0]), patience);
    expect(await heldOnA()).toEqual({ frames: 0, packets: 0, bytes: 0 });
    const rounds = [framesOf(knownMix(1)), framesOf(knownMix(2))] as const;
    // The frames of one flow are all alike in this mix.
    const expected = (frames: readonly Buffer[]) => ({
      flows: new Set(frames.map((frame) => frame.toString("hex"))).size,
      frames: frames.length,
      bytes: bytesOf(frames),
    });
    expect(await flowsOnWire("a", 2, 1)).toEqual(expected(rounds[0]));
    expect(await flowsOnWire("a", 2, 2)).toEqual(expected(rounds[1]));
    expect(await flowsOnWire("b", 1, 2)).toEqual(expected(rounds[1]));
  });
});

/** Runs a script in host b's chroot and namespace; processes it leaves behind live on. */
function runOnB(script: string): string {
  const [file = "", ...args] = world.lab.inside("b", enterCommand(hostB.root, script));
  const result = spawnSync(file, args, { encoding: "utf8", env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } });
  if (result.status !== 0) throw new Error(`failed on host b: ${result.stdout}${result.stderr}`);
  return result.stdout + result.stderr;
}

/** Sends the frames from a's end of the bare wire to b's. */
function send(mix: readonly MixPart[]): void {
  const file = join(world.folder, "mix.pcap");
  writeFileSync(file, pcapFile(framesOf(mix)));
  world.lab.run("a", ["tcpreplay", "--quiet", "--topspeed", "-i", "wire0", file]);
}

type Counts = Record<string, { frames: number; bytes: number }>;

function expectedCounts(mix: readonly MixPart[]): Counts {
  const counts: Counts = {};
  for (const { proto, frames } of mix) {
    const so = counts[proto] ?? { frames: 0, bytes: 0 };
    counts[proto] = { frames: so.frames + frames.length, bytes: so.bytes + bytesOf(frames) };
  }
  return counts;
}

/** What Postgres holds for wire0 of a host, per class of the mix. */
async function counted(short: "a" | "b", way: "rx" | "tx", mix: readonly MixPart[]): Promise<Counts> {
  const protos = [...new Set(mix.map((part) => part.proto))];
  const columns = protos.flatMap((proto) =>
    ["frames", "bytes"].map((what) => `coalesce(sum(${way}_${proto}_${what}), 0)::int AS ${proto}_${what}`),
  );
  const { rows } = await world.database.query(
    `SELECT ${columns.join(", ")} FROM interface_counters WHERE interface_id IN (${wireIds(short)})`,
  );
  return Object.fromEntries(protos.map((proto) => [proto, { frames: rows[0][`${proto}_frames`], bytes: rows[0][`${proto}_bytes`] }]));
}

/** Ids of wire0 on host b (the one enrolled by the line) or on the other. */
function wireIds(short: "a" | "b"): string {
  return `SELECT id FROM interface WHERE name = 'wire0' AND host_id ${short === "b" ? "=" : "<>"} '${hostB.id}'`;
}

/** Everything counted on wire0 of a host, all classes. */
async function wireTotals(short: "a" | "b"): Promise<Record<"rxFrames" | "rxBytes" | "txFrames" | "txBytes", number>> {
  const sum = (way: string, what: string): string => protoClasses.map((proto) => `coalesce(sum(${way}_${proto}_${what}), 0)`).join(" + ");
  const { rows } = await world.database.query(
    `SELECT (${sum("rx", "frames")})::int AS "rxFrames", (${sum("rx", "bytes")})::int AS "rxBytes",
            (${sum("tx", "frames")})::int AS "txFrames", (${sum("tx", "bytes")})::int AS "txBytes"
       FROM interface_counters WHERE interface_id IN (${wireIds(short)})`,
  );
  return rows[0];
}

/** Frames of each host's latest agent run that are in flows which have not ended. */
async function heldByLatest(): Promise<number[]> {
  const { rows } = await world.database.query(
    `SELECT DISTINCT ON (host_id) (seen - flow_frames - unflowed - non_flow)::int AS held FROM agent_stream ORDER BY host_id, since DESC`,
  );
  return rows.map((row) => row.held);
}

/** Everything host a counted, all interfaces and both ways, less what is in flow records or in no flow. */
async function heldOnA(): Promise<Record<"frames" | "packets" | "bytes", number>> {
  const onA = `host_id <> '${hostB.id}'`;
  const counters = (what: string): string => {
    const sum = (column: string): string => `coalesce(sum(${column}_${what}), 0)`;
    const ways = (column: string): string => `${sum(`rx_${column}`)} + ${sum(`tx_${column}`)}`;
    return `SELECT ${protoClasses.map(ways).join(" + ")} - (${ways("unflowed")}) - (${ways("non_flow")}) FROM interface_counters WHERE ${onA}`;
  };
  const held = (what: string): string =>
    `((${counters(what)}) - (SELECT coalesce(sum(${what}), 0) FROM flow_records WHERE host = (SELECT number FROM host WHERE id <> '${hostB.id}')))::int AS ${what}`;
  const { rows } = await world.database.query(`SELECT ${["frames", "packets", "bytes"].map(held).join(", ")}`);
  return rows[0];
}

/** Flows by their key, and what they counted, of one round of the mix on wire0 of a host; direction 1 in, 2 out. */
async function flowsOnWire(short: "a" | "b", direction: 1 | 2, round: number): Promise<Record<"flows" | "frames" | "bytes", number>> {
  const base = 40_000 + round * 1_000;
  const { rows } = await world.database.query(
    `SELECT count(DISTINCT (source_address, destination_address, source_port, destination_port, protocol, vlan))::int AS flows,
            sum(frames)::int AS frames, sum(bytes)::int AS bytes
       FROM flow_records WHERE interface_id IN (${wireIds(short)}) AND direction::int = ${direction}
        AND (source_port BETWEEN ${base} AND ${base + 999} OR destination_port = ${base})`,
  );
  return rows[0];
}

/** GET of the REST API with the page's own session. */
async function api(path: string): Promise<unknown> {
  return page.evaluate(async (url) => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    return response.json();
  }, `/api/v1${path}`);
}

/** Sends a signal to the agent in host b's chroot; none is there before the install line ran. */
function killAgentB(signal: NodeJS.Signals): void {
  if (hostB.root === "") return;
  process.kill(Number(readFileSync(join(hostB.root, agentPidFile), "utf8")), signal);
}
