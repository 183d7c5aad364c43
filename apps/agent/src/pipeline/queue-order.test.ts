import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { counters, records, queueOf, flows, none, drain } from "../../test/queue-fixture.ts";
import type { BatchQueue } from "./queue.ts";
import type { Outgoing } from "./queue-types.ts";

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
      fc.property(fc.array(step, { maxLength: 120, size: "max" }), fc.integer({ min: 1000, max: 12_000 }), (steps, bound) => {
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
