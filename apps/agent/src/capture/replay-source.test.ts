import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, PackedPackets } from "@sonde/bpf";
import { pcapHeader, pcapRecord } from "@sonde/pcapfile";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { ReplaySpeed } from "./replay-clock.ts";
import { type ReplayEnd, ReplaySource } from "./replay-source.ts";
import type { Sink } from "./source.ts";

type Given = { readonly ms: number; readonly bytes?: number; readonly wireLen?: number };
type Injected = { readonly atMs: number; readonly times: number[]; readonly lengths: number[]; readonly linkType: string };

const START_MS = 5000;
let folder: string;

/** A source over a file of such packets, and an engine that keeps what is injected and refuses what is longer than 9,000 bytes. */
function rig(packets: readonly Given[], speed: ReplaySpeed, linkType = 1) {
  const path = join(folder, `${linkType}.pcap`);
  const records = packets.map(({ ms, bytes = 60, wireLen }) =>
    pcapRecord({
      seconds: 1_700_000_000 + Math.floor(ms / 1000),
      nanoseconds: (ms % 1000) * 1e6,
      wireLen: wireLen ?? bytes,
      bytes: new Uint8Array(bytes),
    }),
  );
  writeFileSync(path, Buffer.concat([pcapHeader({ linkType, snaplen: 65_535 }), ...records]));
  const injected: Injected[] = [];
  const table = new ArrayBuffer(16);
  const engine = {
    start: () => undefined,
    stop: () => Promise.resolve(),
    close: () => Promise.resolve(),
    readCounters: () => table,
    readFilterCounters: () => table,
    drainFlows: () => Promise.resolve(table),
    inject: ({ lengths }: PackedPackets, times: BigUint64Array, where: { linkType: string }) => {
      const caps = [...lengths].filter((_, i) => i % 2 === 0);
      injected.push({ atMs: Date.now(), times: [...times].map((ns) => Number(ns) / 1e6), lengths: caps, linkType: where.linkType });
      const refused = caps.filter((length) => length > 9000).length;
      return { ran: caps.length - refused, refused };
    },
  } as unknown as Engine;
  const leftOut: number[] = [];
  const ends: ReplayEnd[] = [];
  const full = { now: false };
  const source = new ReplaySource({
    engine,
    path,
    speed,
    clockBoottimeNs: () => BigInt(Date.now()) * 1_000_000n,
    isFull: () => full.now,
    onLeftOut: (number) => leftOut.push(number),
    onEnd: (end) => ends.push(end),
  });
  const names: string[] = [];
  const sink = {
    records: () => undefined,
    counters: () => true,
    filterCounters: () => true,
    flows: () => [],
    settled: () => undefined,
    counted: () => undefined,
    interfaces: (list) => names.push(...list.map((each) => each.name)),
    attached: () => undefined,
    detached: () => undefined,
  } satisfies Sink;
  return { source, sink, injected, leftOut, ends, full, names };
}

describe("a capture file as a source", () => {
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "sonde-replay-"))));
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(() => vi.useFakeTimers({ now: START_MS }));
  afterEach(() => vi.useRealTimers());

  test("packets come when they are due, at their own times, the first one now", async () => {
    const { source, sink, injected, ends, names } = rig([{ ms: 0 }, { ms: 0 }, { ms: 700 }, { ms: 2000 }], 1);
    source.start(sink);
    await vi.advanceTimersByTimeAsync(699);
    expect(injected).toMatchObject([{ atMs: START_MS, times: [START_MS, START_MS] }]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(injected.slice(1)).toMatchObject([
      { atMs: START_MS + 700, times: [START_MS + 700] },
      { atMs: START_MS + 2000, times: [START_MS + 2000] },
    ]);
    expect(ends).toEqual([{ ran: 4, leftOut: 0, failure: null }]);
    expect(names).toEqual(["replay:1.pcap"]);
    await source.stop();
  });

  test("faster by a factor, and as fast as possible", async () => {
    const packets = Array.from({ length: 2000 }, (_, i) => ({ ms: i * 1000 }));
    const fast = rig(packets.slice(0, 11), 10);
    fast.source.start(fast.sink);
    await vi.advanceTimersByTimeAsync(1050);
    expect(fast.ends).toMatchObject([{ ran: 11 }]);
    expect(fast.injected.at(-1)?.times).toEqual([START_MS + 1000]);
    await fast.source.stop();
    const most = rig(packets, "max");
    most.source.start(most.sink);
    await vi.advanceTimersByTimeAsync(50);
    expect(most.ends).toMatchObject([{ ran: 2000 }]);
    await most.source.stop();
  });

  test("what cannot be run is named, and the others are run", async () => {
    const packets = [{ ms: 0 }, { ms: 0, bytes: 60, wireLen: 50 }, { ms: 0, bytes: 9500 }, { ms: 0, bytes: 5000 }, { ms: 0 }];
    const { source, sink, injected, leftOut, ends } = rig(packets, "max", 101);
    source.start(sink);
    await vi.advanceTimersByTimeAsync(50);
    expect(injected.map(({ lengths, linkType }) => [linkType, ...lengths])).toEqual([
      ["raw", 60],
      ["raw", 9500],
      ["raw", 5000],
      ["raw", 60],
    ]);
    expect(leftOut).toEqual([2, 3]);
    expect(ends).toEqual([{ ran: 3, leftOut: 2, failure: null }]);
    await source.stop();
    const other = rig([{ ms: 0 }, { ms: 1 }], 1, 105);
    other.source.start(other.sink);
    await vi.advanceTimersByTimeAsync(50);
    expect(other.ends).toEqual([{ ran: 0, leftOut: 2, failure: null }]);
    await other.source.stop();
  });

  test("it waits while nobody can take more, and ends at once when stopped", async () => {
    const { source, sink, injected, ends, full } = rig([...Array.from({ length: 600 }, () => ({ ms: 0 })), { ms: 60_000 }], 1);
    full.now = true;
    source.start(sink);
    await vi.advanceTimersByTimeAsync(5000);
    expect(injected.map((each) => each.times.length)).toEqual([512]);
    full.now = false;
    await vi.advanceTimersByTimeAsync(10);
    expect(injected.map((each) => each.times.length)).toEqual([512, 88]);
    await source.stop();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(injected).toHaveLength(2);
    expect(ends).toEqual([]);
  });

  test("a damaged file is replayed up to the damage", async () => {
    const { source, sink, ends } = rig([{ ms: 0 }], "max");
    writeFileSync(join(folder, "1.pcap"), Buffer.alloc(40, 7), { flag: "a" });
    source.start(sink);
    await vi.advanceTimersByTimeAsync(50);
    expect(ends).toMatchObject([{ ran: 1, failure: expect.any(Error) }]);
    await source.stop();
  });
});
