import { BATCH_HEADER_BYTES, COUNTER_ROW_BYTES, FLOW_BYTES, counterRowAt, flowAt, headerAt, viewOf } from "@sonde/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Flow, drainOf } from "../../test/flow-rows.ts";
import { FlowTable } from "../pipeline/flow-table.ts";
import { BatchQueue } from "../pipeline/queue.ts";
import { CounterDiff } from "./counter-diff.ts";

type Counts = [frames: number, packets: number, bytes: number];
/** By interface and direction. */
type Sums = Map<string, Counts>;

function add(sums: Sums, key: string, view: DataView, at: number): void {
  const u64 = (offset: number): number => Number(view.getBigUint64(at + offset, true));
  const [frames, packets, bytes] = sums.get(key) ?? [0, 0, 0];
  sums.set(key, [frames + u64(0), packets + u64(8), bytes + u64(16)]);
}

/** A kernel whose every packet is in a flow, as totals of counters: u64 now, u32 rows, u32 zero, rows. */
function totalsOf(sums: Sums): ArrayBuffer {
  const buffer = new ArrayBuffer(16 + sums.size * COUNTER_ROW_BYTES);
  const view = viewOf(buffer);
  view.setUint32(8, sums.size, true);
  [...sums].forEach(([key, counts], i) => {
    const at = 16 + i * COUNTER_ROW_BYTES;
    const [ifindex = 0, direction = 0] = key.split("/").map(Number);
    view.setUint32(at + counterRowAt.ifindex, ifindex, true);
    view.setUint8(at + counterRowAt.direction, direction);
    counts.forEach((count, c) => view.setBigUint64(at + counterRowAt.proto + c * 8, BigInt(count), true));
  });
  return buffer;
}

const row = fc.record({
  sport: fc.integer({ min: 1, max: 200 }),
  ifindex: fc.integer({ min: 1, max: 2 }),
  direction: fc.constantFrom(1 as const, 2 as const),
  frames: fc.integer({ min: 1, max: 1000 }),
});
const second = fc.record({
  rows: fc.array(row, { maxLength: 30 }),
  /** Batches that the hub takes in that second. */
  sent: fc.integer({ min: 0, max: 3 }),
});

it("counted = stored flow records + unflowed, whatever the queue had to drop (SPEC 4.7, 6.5)", () => {
  const seed = Number(process.env["SONDE_SEED"] ?? Date.now() % 2 ** 31);
  console.log(`flow ledger: SONDE_SEED=${seed}`);
  let dropped = 0n;
  fc.assert(
    fc.property(fc.array(second, { maxLength: 40 }), fc.integer({ min: 500, max: 8000 }), (seconds, maxFlowBytes) => {
      const ids = { hostId: "6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11", bootId: "0c0b7a52-9d7f-4f1a-8a3e-1f5d3c2b1a09" };
      const queue = new BatchQueue({ ...ids, stream: 1n, sampleN: 1, snaplen: 0, maxFlowBytes, maxCounterBatches: 3 });
      const table = new FlowTable({ idleNs: 1_000_000_000n, maxFlows: 100 });
      const diff = new CounterDiff(0n);
      const counted: Sums = new Map();
      const accounted: Sums = new Map();
      const send = (most: number): void => {
        for (let i = 0; i < most; i++) {
          const out = queue.next(1000);
          if (out === null) return;
          account(accounted, viewOf(out.bytes), out.kind);
          queue.acknowledge(out.kind, out.sequence);
        }
      };
      const count = (force: boolean): void => {
        const reading = diff.read(totalsOf(counted));
        if (queue.pushCounters(reading.batches, force)) reading.commit();
      };
      seconds.forEach(({ rows, sent }, now) => {
        const flows = rows.map((each): Flow => ({ ...base, ...each, first: now, last: now, bytes: each.frames * 100 }));
        const drain = drainOf(now, flows);
        for (let i = 0; i < flows.length; i++)
          add(counted, keyOf(viewOf(drain), 16 + i * FLOW_BYTES), viewOf(drain), 16 + i * FLOW_BYTES + flowAt.frames);
        for (const batch of queue.pushFlows(table.drain(drain))) diff.giveUp(batch);
        count(false);
        send(sent);
      });
      for (const batch of queue.pushFlows(table.end("all"))) diff.giveUp(batch);
      count(true);
      send(Infinity);
      expect(new Map([...accounted].filter(([, counts]) => counts.some((each) => each > 0)))).toEqual(counted);
      dropped += queue.stats.flowsLost;
    }),
    { seed, numRuns: 200 },
  );
  expect(dropped).toBeGreaterThan(0n);
});

const base = { from: 1, to: 2, dport: 53, proto: 17, flags: 0, verdict: 0 };

function keyOf(view: DataView, at: number): string {
  return `${view.getUint32(at + flowAt.ifindex, true)}/${view.getUint8(at + flowAt.direction)}`;
}

function account(sums: Sums, view: DataView, kind: string): void {
  for (let i = 0; i < view.getUint32(headerAt.count, true); i++) {
    if (kind === "flows") {
      const at = BATCH_HEADER_BYTES + i * FLOW_BYTES;
      add(sums, keyOf(view, at), view, at + flowAt.frames);
    } else {
      const at = BATCH_HEADER_BYTES + i * COUNTER_ROW_BYTES;
      const key = `${view.getUint32(at + counterRowAt.ifindex, true)}/${view.getUint8(at + counterRowAt.direction)}`;
      add(sums, key, view, at + counterRowAt.unflowed);
    }
  }
}
