import { BATCH_HEADER_BYTES, BatchKind, FLOW_BYTES, checkBatch, frameBatch, viewOf } from "@sonde/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BatchQueue, type Committed, type Outgoing } from "./queue.ts";

const hostId = "6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11";
const bootId = "0c0b7a52-9d7f-4f1a-8a3e-1f5d3c2b1a09";
const counters = (): ArrayBuffer => {
  const bytes = new ArrayBuffer(BATCH_HEADER_BYTES);
  frameBatch(viewOf(bytes), { kind: BatchKind.counters, count: 0, bodyLen: 0, firstNs: 1n, lastNs: 2n });
  return bytes;
};
/** Only its size and its number of records matter to the queue. */
const records = (size: number): Uint8Array => new Uint8Array(Math.max(size, BATCH_HEADER_BYTES));
const queueOf = (maxRecordBytes?: number): BatchQueue =>
  new BatchQueue({
    hostId,
    bootId,
    stream: 7n,
    sampleN: 1,
    snaplen: 128,
    ...(maxRecordBytes === undefined ? {} : { maxRecordBytes, maxFlowBytes: maxRecordBytes }),
  });
/** So many flow records that say nothing. */
const flows = (count: number): ArrayBuffer => {
  const bytes = new ArrayBuffer(BATCH_HEADER_BYTES + count * FLOW_BYTES);
  frameBatch(viewOf(bytes), { kind: BatchKind.flows, count, bodyLen: count * FLOW_BYTES, firstNs: 1n, lastNs: 2n });
  return bytes;
};
const none: Committed = { records: 0n, counters: 0n, flows: 0n, filterCounters: 0n };
const drain = (queue: BatchQueue, window = 1000): Outgoing[] => {
  const out: Outgoing[] = [];
  for (let next = queue.next(window); next !== null; next = queue.next(window)) out.push(next);
  return out;
};
const sequences = (out: readonly Outgoing[], kind: Outgoing["kind"]): bigint[] =>
  out.filter((each) => each.kind === kind).map((each) => each.sequence);

describe("BatchQueue", () => {
  it("stamps at the first send, so that a dropped batch leaves no gap (SPEC 4.6)", () => {
    const queue = queueOf(2600);
    for (let i = 0; i < 10; i++) queue.pushRecords(records(1000), 3);
    const out = drain(queue);
    expect(sequences(out, "records")).toEqual([1n, 2n]);
    expect(queue.stats.queueLost).toBe(24n);
    const view = viewOf(out[0]?.bytes ?? new ArrayBuffer(0));
    expect([view.getBigUint64(40, true), view.getBigUint64(48, true), view.getBigUint64(96, true)]).toEqual([7n, 1n, 24n]);
  });

  it("never drops what was sent (SPEC 4.5)", () => {
    const queue = queueOf(3000);
    queue.pushRecords(records(1000), 1);
    queue.pushRecords(records(1000), 1);
    expect(drain(queue)).toHaveLength(2);
    queue.pushRecords(records(1000), 5);
    expect(queue.stats.queueLost).toBe(5n);
    queue.rewind();
    expect(sequences(drain(queue), "records")).toEqual([1n, 2n]);
  });

  describe("gives bytes back when nothing can read them any more", () => {
    const given: Uint8Array[] = [];
    const lending = (maxRecordBytes: number): BatchQueue => {
      given.length = 0;
      return new BatchQueue({ hostId, bootId, stream: 7n, sampleN: 1, snaplen: 0, maxRecordBytes, release: (bytes) => given.push(bytes) });
    };

    it("once the hub has answered", () => {
      const queue = lending(10_000);
      const batches = [1, 2, 3].map(() => records(1000));
      for (const batch of batches) queue.pushRecords(batch, 1);
      drain(queue);
      queue.acknowledge("records", 2n);
      queue.acknowledge("records", 2n);
      queue.refuse("records", 1n);
      expect(given).toEqual([batches[1], batches[0]]);
      expect(given[0]).toBe(batches[1]);
    });

    it("when it drops them unsent", () => {
      const queue = lending(3000);
      const batches = [1, 2, 3].map(() => records(1000));
      for (const batch of batches) queue.pushRecords(batch, 1);
      expect(given).toHaveLength(1);
      expect(given[0]).toBe(batches[0]);
    });

    it("never of a batch sent twice, or on a connection that ended: a socket may hold them", () => {
      const queue = lending(10_000);
      for (let i = 0; i < 3; i++) queue.pushRecords(records(1000), 1);
      drain(queue);
      queue.rewind();
      expect(queue.resume({ ...none, records: 1n })).toBe(true);
      drain(queue);
      queue.acknowledge("records", 2n);
      expect(given).toEqual([]);
      queue.restart(8n);
      queue.pushRecords(records(9500), 1); // drops the third, which was sent
      expect([queue.stats.held, queue.stats.queueLost]).toEqual([1, 1n]);
      expect(given).toEqual([]);
    });

    it("never of counters, which are not lent", () => {
      const queue = lending(1000);
      queue.pushCounters([counters()], false);
      drain(queue);
      queue.acknowledge("counters", 1n);
      expect(given).toEqual([]);
    });
  });

  it("gives a valid batch to the hub", () => {
    const queue = queueOf();
    queue.setRingLost(9n);
    queue.pushCounters([counters()], false);
    const checked = checkBatch(viewOf(drain(queue)[0]?.bytes ?? new ArrayBuffer(0)));
    expect(checked).toMatchObject({
      ok: true,
      value: { hostId, bootId, stream: 7n, sequence: 1n, ringLost: 9n, sampleN: 1, snaplen: 128 },
    });
  });

  it("does not take counters past its bound, unless forced", () => {
    const queue = new BatchQueue({ hostId, bootId, stream: 1n, sampleN: 1, snaplen: 0, maxCounterBatches: 2 });
    expect([1, 2, 3].map(() => queue.pushCounters([counters()], false))).toEqual([true, true, false]);
    expect(queue.pushCounters([counters()], true)).toBe(true);
    expect(queue.stats.heldNaming).toBe(3);
  });

  it("keeps to the window, what is exact first (SPEC 4.8)", () => {
    const queue = queueOf();
    queue.pushRecords(records(200), 1);
    queue.pushRecords(records(200), 1);
    queue.pushFlows([flows(2)]);
    queue.pushFilterCounters([counters()], false);
    queue.pushCounters([counters()], false);
    expect(drain(queue, 4).map((each) => each.kind)).toEqual(["counters", "filterCounters", "flows", "records"]);
    queue.acknowledge("counters", 1n);
    expect(sequences(drain(queue, 4), "records")).toEqual([2n]);
  });

  it("hands back the flow batches it drops, and counts their records apart (SPEC 4.7)", () => {
    const queue = queueOf(1200);
    const [first, second, third] = [flows(2), flows(3), flows(1)];
    expect(queue.pushFlows([first])).toEqual([]);
    expect(queue.pushFlows([second, third])).toEqual([first]);
    expect(queue.stats).toMatchObject({ flowsLost: 2n, queueLost: 0n, heldNaming: 2 });
    queue.setRingLost(9n);
    const [out] = drain(queue);
    expect(out?.bytes).toBe(second);
    const view = viewOf(second);
    expect([view.getBigUint64(48, true), view.getBigUint64(88, true), view.getBigUint64(96, true)]).toEqual([1n, 0n, 2n]);
    queue.refuse("flows", 1n);
    expect(queue.stats).toMatchObject({ flowsRefused: 3n, refused: 0n });
  });

  it("resumes after the last committed and says when it cannot (SPEC 3.2)", () => {
    const queue = queueOf();
    for (let i = 0; i < 5; i++) queue.pushRecords(records(200), 1);
    drain(queue);
    expect(queue.resume({ ...none, records: 3n })).toBe(true);
    expect(sequences(drain(queue), "records")).toEqual([4n, 5n]);
    queue.acknowledge("records", 4n);
    queue.acknowledge("records", 5n);
    expect(queue.resume({ ...none, records: 3n })).toBe(false);
    expect(queue.resume({ ...none, records: 9n })).toBe(false);
  });

  it("starts over in a new stream with everything it holds and nothing lost", () => {
    const queue = queueOf();
    queue.setRingLost(4n);
    for (let i = 0; i < 3; i++) queue.pushRecords(records(200 + i * 8), 1);
    drain(queue, 2);
    queue.restart(8n);
    const out = drain(queue);
    expect(sequences(out, "records")).toEqual([1n, 2n, 3n]);
    expect(out.map((each) => each.bytes.byteLength)).toEqual([200, 208, 216]);
    const view = viewOf(out[0]?.bytes ?? new ArrayBuffer(0));
    expect([view.getBigUint64(40, true), view.getBigUint64(88, true)]).toEqual([8n, 0n]);
  });
});

type Step =
  | { readonly do: "push"; readonly size: number; readonly records: number }
  | { readonly do: "flows"; readonly count: number }
  | { readonly do: "counters" }
  | { readonly do: "send"; readonly window: number }
  | { readonly do: "commit"; readonly acked: boolean }
  | { readonly do: "refuse" }
  | { readonly do: "reconnect" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("push" as const), size: fc.integer({ min: 112, max: 4000 }), records: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ do: fc.constant("flows" as const), count: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ do: fc.constant("counters" as const) }),
  fc.record({ do: fc.constant("send" as const), window: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ do: fc.constant("commit" as const), acked: fc.boolean() }),
  fc.record({ do: fc.constant("refuse" as const) }),
  fc.record({ do: fc.constant("reconnect" as const) }),
);

/** A hub that stores in order, refuses gaps, and whose acknowledgements may get lost. */
class ModelHub {
  readonly committed: Record<Outgoing["kind"], bigint> = { ...none };
  readonly stored = new Map<Uint8Array | ArrayBuffer, number>();
  wire: Outgoing[] = [];
  gaps = 0;

  settle(out: Outgoing): void {
    if (out.sequence <= this.committed[out.kind]) return;
    if (out.sequence !== this.committed[out.kind] + 1n) this.gaps++;
    this.committed[out.kind] = out.sequence;
    this.stored.set(out.bytes, (this.stored.get(out.bytes) ?? 0) + 1);
  }
}

describe("BatchQueue under any order of events", () => {
  it("loses no record uncounted, stores none twice, leaves no gap (SPEC 4, 6.3)", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1000, max: 12_000 }), (steps, bound) => {
        const queue = queueOf(bound);
        const hub = new ModelHub();
        const pushed = new Map<Uint8Array | ArrayBuffer, number>();
        const kinds = new Map<Uint8Array | ArrayBuffer, "records" | "flows">();
        const delivered = { records: 0n, flows: 0n };
        const refused = { records: 0n, flows: 0n };
        const handedBack = new Set<Uint8Array | ArrayBuffer>();
        const push = (kind: "records" | "flows", bytes: Uint8Array | ArrayBuffer, count: number): void => {
          pushed.set(bytes, count);
          kinds.set(bytes, kind);
          delivered[kind] += BigInt(count);
        };
        for (const each of steps) {
          switch (each.do) {
            case "push": {
              const bytes = records(each.size);
              push("records", bytes, each.records);
              queue.pushRecords(bytes, each.records);
              break;
            }
            case "flows": {
              const bytes = flows(each.count);
              push("flows", bytes, each.count);
              for (const dropped of queue.pushFlows([bytes])) handedBack.add(dropped);
              break;
            }
            case "counters":
              queue.pushCounters([counters()], false);
              break;
            case "send":
              hub.wire.push(...drain(queue, each.window));
              expect(queue.stats.inFlight).toBe(hub.wire.length);
              break;
            case "commit": {
              const out = hub.wire.shift();
              if (out === undefined) break;
              hub.settle(out);
              if (each.acked) queue.acknowledge(out.kind, out.sequence);
              else hub.wire = reconnect(queue, hub); // the acknowledgement was lost with the connection
              break;
            }
            case "refuse": {
              const out = hub.wire.shift();
              if (out === undefined) break;
              const again = out.sequence <= hub.committed[out.kind];
              if (!again) {
                hub.committed[out.kind] = out.sequence;
                if (out.kind === "records" || out.kind === "flows") refused[out.kind] += BigInt(pushed.get(out.bytes) ?? 0);
              }
              if (again) queue.acknowledge(out.kind, out.sequence);
              else queue.refuse(out.kind, out.sequence);
              break;
            }
            case "reconnect":
              hub.wire = reconnect(queue, hub);
          }
        }
        hub.wire = reconnect(queue, hub);
        for (const out of drain(queue)) {
          hub.settle(out);
          queue.acknowledge(out.kind, out.sequence);
        }
        const stored = (kind: "records" | "flows"): bigint =>
          [...hub.stored.keys()].reduce((sum, bytes) => sum + BigInt(kinds.get(bytes) === kind ? (pushed.get(bytes) ?? 0) : 0), 0n);
        const { stats } = queue;
        expect(delivered.records).toBe(stored("records") + refused.records + stats.queueLost);
        expect(delivered.flows).toBe(stored("flows") + refused.flows + stats.flowsLost);
        expect([...handedBack].reduce((sum, bytes) => sum + BigInt(pushed.get(bytes) ?? 0), 0n)).toBe(stats.flowsLost);
        expect([...handedBack].some((bytes) => hub.stored.has(bytes))).toBe(false);
        expect(stats).toMatchObject({ bytes: 0, held: 0, inFlight: 0, refused: refused.records, flowsRefused: refused.flows });
        expect(hub.gaps).toBe(0);
        expect([...hub.stored.values()].every((times) => times === 1)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

function reconnect(queue: BatchQueue, hub: ModelHub): Outgoing[] {
  queue.rewind();
  expect(queue.resume(hub.committed)).toBe(true);
  return [];
}
