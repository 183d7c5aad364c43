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
const small = { batchBytes: 4304, flushMs: 0 } as const;

async function withBatches(body: (engine: Engine, batches: ArrayBuffer[], wire: Wire) => Promise<void> | void): Promise<void> {
  using wire = new Wire();
  const engine = openEngine({ ringBytes: 1 << 20, snaplen: 64 });
  try {
    engine.attach(wire.ifindex, "tcx");
    const batches: ArrayBuffer[] = [];
    engine.start((batch) => batches.push(batch), small);
    wire.sendIn(FRAMES);
    await until("all records", () => batches.reduce((sum, batch) => sum + decodeBatch(batch).length, 0) === FRAMES.length);
    await body(engine, batches, wire);
  } finally {
    await engine.close();
  }
}

describe.skipIf(missing)(`batches are lent${missing ? ` (${missing})` : ""}`, () => {
  test("until they are given back: then nothing can be read through them", () =>
    withBatches((engine, [batch]) => {
      if (!batch) throw new Error("no batch");
      const view = new Uint8Array(batch);
      expect(view[0]).toBe(0x53);
      expect(engine.release(batch)).toBe(true);
      expect([batch.byteLength, view.length, view[0]]).toEqual([0, 0, undefined]);
      expect(() => new DataView(batch)).toThrow(TypeError);
    }));

  test("a second time is told apart and harmless, so is what was never lent", () =>
    withBatches((engine, batches) => {
      const [batch] = batches;
      if (!batch) throw new Error("no batch");
      expect([engine.release(batch), engine.release(batch)]).toEqual([true, false]);
      const own = new ArrayBuffer(4304);
      const others = [own, new ArrayBuffer(0), engine.readCounters(), new Uint8Array(8), null, "batch"] as ArrayBuffer[];
      expect(others.map((each) => engine.release(each))).toEqual(others.map(() => false));
      expect(own.byteLength).toBe(4304);
    }));

  test("only by their own engine", () =>
    withBatches(async (engine, [batch]) => {
      const other = openEngine({ ringBytes: 1 << 20 });
      expect(other.release(batch ?? new ArrayBuffer(0))).toBe(false);
      await other.close();
      expect(engine.release(batch ?? new ArrayBuffer(0))).toBe(true);
    }));

  test("also beyond the engine's end", async () => {
    let kept: [Engine, ArrayBuffer[]] | undefined;
    await withBatches((engine, batches) => void (kept = [engine, batches]));
    if (!kept) throw new Error("no batches");
    const [engine, batches] = kept;
    expect(batches.flatMap((batch) => decodeBatch(batch)).length).toBe(FRAMES.length);
    expect(batches.every((batch) => engine.release(batch))).toBe(true);
  });

  test("and what is held keeps its bytes while other memory is used again", () =>
    withBatches(async (engine, batches, wire) => {
      const held = batches.splice(0);
      const before = held.map((batch) => Buffer.from(batch.slice(0)));
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
