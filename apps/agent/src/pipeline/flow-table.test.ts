import { FLOW_BYTES, FLOW_KEY_BYTES, FlowEnd, checkBatch, viewOf } from "@sonde/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Flow, type FlowRecord, drainOf, ns, recordOf, recordsOf } from "../../test/flow-rows.ts";
import { type FlowOptions, FlowTable } from "./flow-table.ts";

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

const tcp: Flow = {
  from: 1,
  to: 2,
  sport: 40_000,
  dport: 443,
  ifindex: 3,
  direction: 2,
  proto: 6,
  first: 0.1,
  last: 0.9,
  frames: 10,
  bytes: 1000,
  flags: ACK,
  verdict: 0,
};
const back = (flow: Flow): Flow => ({ ...flow, from: flow.to, to: flow.from, sport: flow.dport, dport: flow.sport, direction: 1 });
/** Ends by second, of drains without rows. */
function endsOver(table: FlowTable, from: number, to: number): [second: number, end: number][] {
  const ends: [number, number][] = [];
  for (let second = from; second <= to; second++)
    for (const { end } of recordsOf(table.drain(drainOf(second, [])))) ends.push([second, end]);
  return ends;
}

describe("FlowTable (SPEC 2.10)", () => {
  it("merges the rows of a key: first, last, counts, flags, and the verdict of the latest", () => {
    const table = new FlowTable();
    const rows = [
      { ...tcp, first: 0.5, last: 0.6, flags: ACK },
      { ...tcp, first: 0.2, last: 0.9, frames: 1, bytes: 60, flags: SYN, verdict: 1 },
      { ...tcp, first: 0.3, last: 0.4, frames: 2, bytes: 120, flags: 0x08 },
    ];
    expect(table.drain(drainOf(1, rows))).toEqual([]);
    expect(table.size).toBe(1);
    const [record, ...more] = recordsOf(table.end("all"));
    expect(more).toEqual([]);
    expect(record).toMatchObject({
      ...tcp,
      first: 0.2,
      last: 0.9,
      frames: 13,
      packets: 26,
      bytes: 1180,
      flags: SYN | ACK | 0x08,
      verdict: 1,
      end: FlowEnd.forced,
    });
  });

  it("tells flows apart by every byte of the key", () => {
    const table = new FlowTable();
    const drained = drainOf(
      1,
      Array.from({ length: FLOW_KEY_BYTES + 1 }, () => tcp),
    );
    const bytes = new Uint8Array(drained);
    for (let i = 0; i < FLOW_KEY_BYTES; i++) bytes[16 + i * FLOW_BYTES + i]! ^= 0xff;
    table.drain(drained);
    expect(table.size).toBe(FLOW_KEY_BYTES + 1);
  });

  it("ends a silent flow after the idle timeout, and one that goes on at each active timeout", () => {
    const table = new FlowTable({ idleNs: ns(15), activeNs: ns(60) });
    const busy = { ...tcp, sport: 1 };
    const ends: [number, number, number][] = [];
    for (let second = 1; second <= 130; second++) {
      const rows = [{ ...busy, first: second - 0.9, last: second - 0.1 }, ...(second === 1 ? [tcp] : [])];
      for (const { sport, end, frames } of recordsOf(table.drain(drainOf(second, rows))))
        ends.push([second, end, sport === 1 ? frames : 0]);
    }
    expect(ends).toEqual([
      [16, FlowEnd.idle, 0],
      [61, FlowEnd.active, 610],
      [122, FlowEnd.active, 610],
    ]);
  });

  it("detects the end of a connection by FIN of both directions, after its last packets", () => {
    const table = new FlowTable({ lingerNs: ns(2) });
    table.drain(drainOf(1, [{ ...tcp, flags: FIN | ACK }, back(tcp)]));
    expect(endsOver(table, 2, 3)).toEqual([]);
    table.drain(drainOf(4, [{ ...back(tcp), first: 3.1, last: 3.5, flags: FIN | ACK }]));
    table.drain(drainOf(5, [{ ...tcp, first: 4.1, last: 4.8, frames: 1, flags: ACK }]));
    expect(endsOver(table, 6, 20)).toEqual([
      [6, FlowEnd.detected],
      [7, FlowEnd.detected],
    ]);
  });

  it("detects RST of either direction, but not FIN of one, nor these bits where there is no TCP", () => {
    const table = new FlowTable();
    const half = { ...tcp, sport: 2, flags: FIN };
    table.drain(drainOf(1, [{ ...tcp, flags: RST }, back(tcp), half, back({ ...half, flags: ACK }), { ...tcp, proto: 17, flags: RST }]));
    expect(endsOver(table, 2, 20)).toEqual([
      [3, FlowEnd.detected],
      [3, FlowEnd.detected],
      [16, FlowEnd.idle],
      [16, FlowEnd.idle],
      [16, FlowEnd.idle],
    ]);
  });

  it("keeps apart two connections that use the same ports one after the other", () => {
    const table = new FlowTable();
    table.drain(
      drainOf(1, [
        { ...tcp, flags: SYN | FIN },
        { ...back(tcp), flags: SYN | FIN },
      ]),
    );
    const ended = recordsOf(table.drain(drainOf(2, [{ ...tcp, first: 1.2, last: 1.5, frames: 3, flags: SYN }])));
    expect(ended).toMatchObject([{ frames: 10, end: FlowEnd.detected }]);
    expect(
      recordsOf(table.end("all"))
        .map((each) => each.frames)
        .toSorted((a, b) => b - a),
    ).toEqual([10, 3]);
  });

  it("ends the flows of an interface that is gone", () => {
    const table = new FlowTable();
    table.drain(drainOf(1, [tcp, { ...tcp, ifindex: 4 }]));
    expect(table.end(new Set())).toEqual([]);
    expect(recordsOf(table.end(new Set([4])))).toMatchObject([{ ifindex: 4, end: FlowEnd.forced }]);
    expect(table.size).toBe(1);
  });

  it("ends the oldest early when it is full", () => {
    const table = new FlowTable({ maxFlows: 2 });
    const flow = (sport: number): Flow => ({ ...tcp, sport });
    table.drain(drainOf(1, [flow(1), flow(2)]));
    const ended = recordsOf(table.drain(drainOf(2, [flow(1), flow(3), flow(4), flow(5)])));
    expect(ended.map(({ sport, frames, end }) => [sport, frames, end])).toEqual([
      [1, 20, FlowEnd.noResources],
      [2, 10, FlowEnd.noResources],
      [3, 10, FlowEnd.noResources],
    ]);
    expect(table.size).toBe(2);
  });

  it("splits records over batches, each with its earliest start and the time it was written", () => {
    const table = new FlowTable();
    const rows = Array.from({ length: 6000 }, (_, i) => ({ ...tcp, sport: i, first: 0.5 - (i === 5000 ? 0.3 : 0) }));
    table.drain(drainOf(7, rows));
    const batches = table.end("all");
    const headers = batches.map((batch) => {
      const checked = checkBatch(viewOf(batch));
      if (!checked.ok) throw new Error(checked.code);
      return checked.value;
    });
    expect(headers.reduce((sum, { count }) => sum + count, 0)).toBe(6000);
    expect(headers.length).toBe(3);
    expect(new Set(headers.map(({ firstNs, lastNs }) => `${firstNs} ${lastNs}`))).toEqual(new Set([`${ns(0.2)} ${ns(7)}`]));
  });
});

const flowRow = fc.record({
  from: fc.integer({ min: 1, max: 3 }),
  to: fc.integer({ min: 1, max: 3 }),
  sport: fc.integer({ min: 1, max: 3 }),
  dport: fc.integer({ min: 1, max: 3 }),
  ifindex: fc.integer({ min: 1, max: 2 }),
  direction: fc.constantFrom(1 as const, 2 as const),
  proto: fc.constantFrom(6, 17),
  frames: fc.integer({ min: 1, max: 1e6 }),
  bytes: fc.integer({ min: 1, max: 1e9 }),
  flags: fc.integer({ min: 0, max: 255 }),
  verdict: fc.constantFrom(0, 1),
});
const step = fc.record({
  /** Seconds since the last one. */
  wait: fc.integer({ min: 0, max: 20 }),
  rows: fc.array(flowRow, { maxLength: 12 }),
  /** What ends after it; a restart begins with an empty table. */
  after: fc.constantFrom("nothing", "nothing", "nothing", "interface", "restart"),
});

describe("FlowTable over any drains, timeouts and restarts", () => {
  it("accounts for every frame, packet and byte in exactly one record, of the same flow and not longer than it", () => {
    const seed = Number(process.env["SONDE_SEED"] ?? Date.now() % 2 ** 31);
    console.log(`flow table: SONDE_SEED=${seed}`);
    const options = fc.record({
      idleNs: fc.integer({ min: 0, max: 30 }).map(ns),
      activeNs: fc.integer({ min: 0, max: 60 }).map(ns),
      lingerNs: fc.integer({ min: 0, max: 5 }).map(ns),
      maxFlows: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), options, (steps, limits: FlowOptions) => {
        const drained = new Map<string, number[]>();
        const recorded = new Map<string, number[]>();
        const add = (to: Map<string, number[]>, { key, frames, packets, bytes }: FlowRecord): void => {
          const [f = 0, p = 0, b = 0] = to.get(key) ?? [];
          to.set(key, [f + frames, p + packets, b + bytes]);
        };
        let table = new FlowTable(limits);
        let now = 1;
        const take = (batches: readonly ArrayBuffer[]): void => {
          for (const record of recordsOf(batches)) {
            add(recorded, record);
            expect(record.last).toBeLessThanOrEqual(now);
          }
        };
        for (const { wait, rows, after } of steps) {
          now += wait;
          const flows = rows.map((row): Flow => ({ ...row, first: Math.max(0, now - wait / 2), last: now }));
          const drain = drainOf(now, flows);
          for (let i = 0; i < flows.length; i++) add(drained, recordOf(viewOf(drain), 16 + i * FLOW_BYTES));
          take(table.drain(drain));
          expect(table.size).toBeLessThanOrEqual(limits.maxFlows ?? 0);
          if (after === "interface") take(table.end(new Set([1])));
          if (after !== "restart") continue;
          take(table.end("all"));
          table = new FlowTable(limits);
        }
        take(table.end("all"));
        expect(table.size).toBe(0);
        expect(recorded).toEqual(drained);
      }),
      { seed, numRuns: 300 },
    );
  });
});
