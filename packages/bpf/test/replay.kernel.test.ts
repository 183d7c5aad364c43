import { describe, expect, test } from "vitest";
import { clockBoottimeNs, openEngine, packPackets, type Engine, type EngineOptions } from "../src/index.ts";
import { decodeBatch, decodeCounters, ledgerGap, type Rec, type Row } from "./support/decode.ts";
import { cases } from "./support/cases.ts";
import { differences } from "./support/compare.ts";
import { filter } from "./support/compile.ts";
import { decodeFlows, flowGap } from "./support/flows.ts";
import { ether, ipv4, udp } from "./support/frames.ts";
import { kernelMissing } from "./support/netns.ts";

const missing = kernelMissing();
const ethernet = (hook: "tc" | "xdp") => ({ hook, linkType: "ethernet" }) as const;
const packets = (frames: readonly Buffer[]) => packPackets(frames.map((bytes) => ({ bytes, wireLen: bytes.length })));
const datagram = (n: number): Buffer => ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: n, dport: 53, payload: Buffer.alloc(n) }) }));

class Replayed {
  readonly records: Rec[] = [];
  readonly engine: Engine;

  constructor(options: EngineOptions = {}) {
    this.engine = openEngine({ replay: true, ...options });
    this.engine.start((batch) => this.records.push(...decodeBatch(batch)));
  }

  row(): Row {
    const [row] = decodeCounters(this.engine.readCounters());
    if (!row) throw new Error("no counters");
    return row;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.engine.close();
  }
}

describe.skipIf(missing)(`replay${missing ? ` (${missing})` : ""}`, () => {
  test.each(["tc", "xdp"] as const)("%s: each packet is parsed, counted, sampled and put into the ring at its own time", async (hook) => {
    await using replay = new Replayed({ snaplen: 4096 });
    const given = cases.filter((c) => c.frame.length >= 14);
    const start = clockBoottimeNs() - 1_000_000_000n;
    const times = BigUint64Array.from(given, (_, i) => start + BigInt(i) * 1000n);
    const { ran, refused } = replay.engine.inject(packets(given.map((c) => c.frame)), times, ethernet(hook));
    expect({ ran, refused }).toEqual({ ran: given.length, refused: 0 });
    await replay.engine.stop();
    expect(given.flatMap((c, i) => differences(c, replay.records[i]))).toEqual([]);
    expect(replay.records.map(({ tsNs }) => tsNs)).toEqual(Array.from(times, Number));
    const row = replay.row();
    expect(row).toMatchObject({ ifindex: 1, direction: 1 });
    expect(row.total.frames).toBe(given.length);
    expect(ledgerGap(row)).toBe(0);
  });

  test("flows take the packets' times; a cut packet counts with its length on the wire; filters hold", async () => {
    await using replay = new Replayed();
    replay.engine.setFilters({ number: 3, filters: [filter("udp src port 7")] });
    const now = clockBoottimeNs();
    const times = BigUint64Array.from([now - 30_000_000_000n, now - 10_000_000_000n, now]);
    const whole = datagram(7);
    const cut = { bytes: whole.subarray(0, 44), wireLen: whole.length };
    const other = { bytes: datagram(8), wireLen: datagram(8).length };
    replay.engine.inject(packPackets([{ bytes: whole, wireLen: whole.length }, other, cut]), times, ethernet("xdp"));
    await replay.engine.stop();
    expect(replay.records.map(({ wireLen, capLen, sportBe }) => [wireLen, capLen, sportBe])).toEqual([
      [whole.length, whole.length, 7],
      [whole.length, 44, 7],
    ]);
    const flows = decodeFlows(await replay.engine.drainFlows());
    expect(flowGap(replay.row(), flows)).toEqual({ frames: 0, packets: 0, bytes: 0 });
    const flow = flows.find(({ sport }) => sport === 7);
    expect(flow).toMatchObject({ frames: 2, bytes: 2 * whole.length });
    const jiffy = 10_000_000;
    expect(Math.abs(Number((flow?.lastNs ?? 0n) - (flow?.firstNs ?? 0n)) - 30e9)).toBeLessThan(2 * jiffy);
  });

  test("what no test run takes is counted; nothing can be attached", async () => {
    await using replay = new Replayed();
    const huge = ether(0x0800, Buffer.alloc(64_000));
    const { ran, refused } = replay.engine.inject(packets([datagram(1), huge]), BigUint64Array.of(1n, 2n), ethernet("tc"));
    expect({ ran, refused }).toEqual({ ran: 1, refused: 1 });
    expect(replay.row().total.frames).toBe(1);
    expect(() => replay.engine.attach(1, "tcx")).toThrow(/replay/);
    const live = openEngine();
    expect(() => live.inject(packets([datagram(1)]), BigUint64Array.of(1n), ethernet("tc"))).toThrow(/replay/);
    await live.close();
  });
});
