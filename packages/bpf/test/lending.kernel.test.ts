import { fileURLToPath } from "node:url";
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { openEngine, type Engine } from "../src/index.ts";
import { decodeBatch, decodeCounters } from "./support/decode.ts";
import { ether, ipv4, udp } from "./support/frames.ts";
import { Wire, kernelMissing, until } from "./support/netns.ts";

const missing = kernelMissing();
const FRAMES = Array.from({ length: 100 }, (_, i) => ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: 1000 + i }) })));

/** Batches of few records each, so that a hundred frames fill several. */
const small = { batchBytes: 4352, flushMs: 0 } as const;

async function withBatches(body: (engine: Engine, batches: Uint8Array[], wire: Wire) => Promise<void> | void): Promise<void> {
  using wire = new Wire();
  const engine = openEngine({ ringBytes: 1 << 20, snaplen: 64 });
  try {
    engine.attach(wire.ifindex, "tcx");
    const batches: Uint8Array[] = [];
    engine.start((batch) => batches.push(batch), small);
    wire.sendIn(FRAMES);
    await until("all records", () => batches.reduce((sum, batch) => sum + decodeBatch(batch).length, 0) === FRAMES.length);
    await body(engine, batches, wire);
  } finally {
    await engine.close();
  }
}

describe.skipIf(missing)(`batches are lent${missing ? ` (${missing})` : ""}`, () => {
  test("and given back, show what comes later, never other memory", async () => {
    using wire = new Wire();
    const engine = openEngine({ ringBytes: 1 << 20, snaplen: 64 });
    engine.attach(wire.ifindex, "tcx");
    const batches: Uint8Array[] = [];
    // The first batches come at once, the next only when 32 are full, 832 records: seven full ones either way.
    engine.start((batch) => batches.push(batch), { batchBytes: small.batchBytes, flushMs: 60_000 });
    wire.sendIn(FRAMES, "--topspeed", "--loop=12");
    const inBlocks = (): Uint8Array[] => batches.filter((batch) => batch.buffer.byteLength === small.batchBytes);
    await until("full batches", () => inBlocks().length >= 7);
    const stale = inBlocks();
    const read = batches.flatMap((batch) => decodeBatch(batch)).length;
    for (const batch of stale) expect(engine.release(batch)).toBe(true);
    const later = batches.length;
    wire.sendIn(FRAMES, "--topspeed", "--loop=12");
    await engine.stop();
    const fresh = batches.slice(later);
    expect(stale.some((batch) => fresh.some((other) => other.buffer === batch.buffer))).toBe(true);
    expect(stale.every((batch) => batch[0] === 0x53 && batch.length <= small.batchBytes)).toBe(true);
    expect(stale.map((batch) => engine.release(batch))).toEqual(stale.map(() => false)); // although their blocks are lent again
    expect(read + fresh.flatMap((batch) => decodeBatch(batch)).length).toBe(24 * FRAMES.length);
    await engine.close();
  });

  test("a second time is told apart and harmless, so is what was never lent", () =>
    withBatches((engine, batches) => {
      const [batch] = batches;
      if (!batch) throw new Error("no batch");
      expect([engine.release(batch), engine.release(batch)]).toEqual([true, false]);
      const copy = new Uint8Array(batches[1] ?? []);
      const again = new Uint8Array(batches[1]?.buffer ?? new ArrayBuffer(0));
      const others = [copy, again, new Uint8Array(8), null, "batch"] as Uint8Array[];
      expect(others.map((each) => engine.release(each))).toEqual(others.map(() => false));
    }));

  test("only by their own engine", () =>
    withBatches(async (engine, [batch]) => {
      const other = openEngine({ ringBytes: 1 << 20 });
      expect(other.release(batch ?? new Uint8Array(0))).toBe(false);
      await other.close();
      expect(engine.release(batch ?? new Uint8Array(0))).toBe(true);
    }));

  test("also beyond the engine's end", async () => {
    let kept: [Engine, Uint8Array[]] | undefined;
    await withBatches((engine, batches) => void (kept = [engine, batches]));
    if (!kept) throw new Error("no batches");
    const [engine, batches] = kept;
    expect(batches.flatMap((batch) => decodeBatch(batch)).length).toBe(FRAMES.length);
    expect(batches.every((batch) => engine.release(batch))).toBe(true);
  });

  test("and what is held keeps its bytes while other memory is used again", () =>
    withBatches(async (engine, batches, wire) => {
      const held = batches.splice(0);
      const before = held.map((batch) => Buffer.from(batch));
      for (let round = 0; round < 20; round++) {
        wire.sendIn(FRAMES);
        const seen = (): number => decodeCounters(engine.readCounters()).find((row) => row.direction === 1)?.total.frames ?? 0;
        await until("the round counted", () => seen() === (round + 2) * FRAMES.length);
        await until("its records", () => batches.reduce((sum, batch) => sum + decodeBatch(batch).length, 0) === FRAMES.length);
        for (const batch of batches.splice(0)) expect(engine.release(batch)).toBe(true);
      }
      expect(held.map((batch) => Buffer.from(batch))).toEqual(before);
    }));

  test.each(["released", "dropped"])("memory stays flat when batches are %s", (how) => {
    const script = fileURLToPath(new URL("./support/lending-child.ts", import.meta.url));
    const done = spawnSync(process.execPath, ["--expose-gc", "--import", "tsx", script, how], { encoding: "utf8" });
    expect([done.status, done.stderr]).toEqual([0, ""]);
    const { early, late, records } = JSON.parse(done.stdout);
    expect(records).toBeGreaterThan(100_000);
    expect(late - early).toBeLessThan(4 << 20);
  });
});
