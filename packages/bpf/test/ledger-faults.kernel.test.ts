import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { gated, needs } from "../../../test/support/needs.ts";
import { chooseSeed, seeded } from "../../../test/support/random.ts";
import { clockBoottimeNs } from "../src/index.ts";
import { filterGap, ledgerGap } from "./support/decode.ts";
import { HeldMaps } from "./support/held-maps.ts";
import type { Told } from "./support/ledger-child.ts";
import { type Flood, column, expectedCounts, filtersOf, knownFlood } from "./support/ledger.ts";
import { Wire, until } from "./support/netns.ts";

/* Who reads is stopped, or killed, in the middle of a flood: each packet is still in one class. */

const gate = gated(needs.root, needs.btf, needs.tcx, needs.tcpreplay, needs.bpftool);
const seed = chooseSeed(process.env["SONDE_SEED"]);
/** native/engine.cc kLeaseSeconds, and what a tick and its rounding may add. */
const LEASE_NS = 10_300_000_000n;
const tsx = createRequire(import.meta.url).resolve("tsx");
const script = fileURLToPath(new URL("./support/ledger-child.ts", import.meta.url));

let flood: Flood;
let running: ChildProcess | undefined;

/** A watcher of the wire, and questions to it. */
async function watch(wire: Wire) {
  const folder = mkdtempSync(join(tmpdir(), "sonde-ledger-"));
  const path = join(folder, "filters.json");
  writeFileSync(path, JSON.stringify(filtersOf(flood)));
  const child = spawn(process.execPath, ["--import", tsx, script, String(wire.ifindex), path], { stdio: ["pipe", "pipe", "inherit"] });
  running = child;
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  const exited = new Promise<unknown>((resolve) => child.on("exit", (code, signal) => resolve(signal ?? code)));
  await until("attached", () => text.includes("attached\n"));
  rmSync(folder, { recursive: true });
  const ask = async (question: "so far" | "end"): Promise<Told> => {
    const asked = text.length;
    child.stdin.write(`${question}\n`);
    await until("an answer", () => /^told .*\n/m.test(text.slice(asked)));
    const [, json = ""] = /^told (.*)\n/m.exec(text.slice(asked)) ?? [];
    return JSON.parse(json) as Told;
  };
  return { child, ask, exited, pid: child.pid ?? 0, hasRecords: () => text.includes("records ") };
}

const loops = (count: number): number => count * flood.frames.length;

describe.skipIf(gate.skip)(gate.name(`the ledger under faults (SONDE_SEED=${seed})`), () => {
  beforeAll(() => {
    flood = knownFlood(seeded(seed), 1_500);
  });
  afterEach(() => {
    running?.kill("SIGKILL");
  });

  test(
    "stopped past its lease: what matched meanwhile had no reader, and the sums hold when it goes on",
    { timeout: 180_000 },
    async () => {
      using wire = new Wire();
      const watcher = await watch(wire);
      const first = wire.sendInLater(flood.frames, "-K", "--pps=30000", "--loop=30");
      await until("records", watcher.hasRecords);
      watcher.child.kill("SIGSTOP");
      const stopped = clockBoottimeNs();
      await first;
      if (clockBoottimeNs() - stopped > 8_000_000_000n) throw new Error("this machine was too slow to send its flood within the lease");
      await until("the lease has ended", () => clockBoottimeNs() > stopped + LEASE_NS, 30_000);
      await wire.sendInLater(flood.frames, "-K", "--topspeed", "--loop=8");
      watcher.child.kill("SIGCONT");

      // It reads again when a packet is no longer without a reader.
      const unread = expectedCounts(flood, loops(8));
      const probe = flood.masks.findIndex((mask) => mask & 1);
      const bits = flood.masks[probe] ?? 0;
      let probes = 0;
      let { row } = await watcher.ask("so far");
      expect(row.noReader).toBe(loops(8) - unread.unmatched);
      for (let before = -1; before !== row.noReader; probes++) {
        before = row.noReader;
        wire.sendIn([flood.frames[probe] ?? Buffer.alloc(0)]);
        ({ row } = await watcher.ask("so far"));
      }
      await wire.sendInLater(flood.frames, "-K", "--pps=30000", "--loop=10");
      const total = loops(48) + probes;
      await until("all are counted", () => wire.stats().rx.packets >= total);
      const { row: end, filters, received } = await watcher.ask("end");

      const wanted = expectedCounts(flood, loops(48));
      const probed = (count: number) => (sum: number, bit: number) => sum + ((bits >>> bit) & 1) * count;
      expect([end.total.frames, ledgerGap(end), end.unmatched]).toEqual([total, 0, wanted.unmatched]);
      expect(end.noReader).toBe(loops(8) - unread.unmatched + probes - 1);
      expect(column(filters, "matched")).toEqual(wanted.matched.map(probed(probes)));
      expect(column(filters, "noReader")).toEqual(unread.matched.map(probed(probes - 1)));
      expect(filters.map(filterGap)).toEqual(filters.map(() => 0));
      expect(received).toEqual({ records: end.delivered, selected: column(filters, "delivered"), wrong: [] });
      expect(await watcher.exited).toBe(0);
      process.stdout.write(
        `${total} frames, ${end.delivered} delivered, ${end.ringLost} lost in the ring, ${end.noReader} without reader\n`,
      );
    },
  );

  test("killed: what its programs saw until they went is in the maps, to the packet", async () => {
    using wire = new Wire();
    const watcher = await watch(wire);
    using maps = new HeldMaps(watcher.pid);
    const sending = wire.sendInLater(flood.frames, "-K", "--pps=30000", "--loop=60");
    await until("records", watcher.hasRecords);
    watcher.child.kill("SIGKILL");
    await sending;
    expect(await watcher.exited).toBe("SIGKILL");
    await until("detached", () => wire.attachments().length === 0);

    const row = maps.row(wire.ifindex, 1);
    const filters = maps.filters(flood.programs.length);
    const seen = row.total.frames;
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(loops(60));
    // The flood has one order, and the programs saw the beginning of it.
    const wanted = expectedCounts(flood, seen);
    expect([ledgerGap(row), row.unmatched, row.noReader]).toEqual([0, wanted.unmatched, 0]);
    expect(column(filters, "matched")).toEqual(wanted.matched);
    expect(filters.map(filterGap)).toEqual(filters.map(() => 0));
    process.stdout.write(`${seen} of ${loops(60)} frames were seen, ${row.delivered} delivered, ${row.ringLost} lost in the ring\n`);
  });
});
