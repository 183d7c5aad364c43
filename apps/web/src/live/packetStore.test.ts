import fc from "fast-check";
import { checkBatch, viewOf } from "@sonde/protocol";
import { describe, expect, test } from "vitest";
import { tsNs } from "../domain/record.ts";
import { recordBatch } from "../domain/testRecords.ts";
import { PacketStore } from "./packetStore.ts";
import type { HoldReason } from "./packetStore.ts";
import type { Schedule } from "./signal.ts";

/** A frame clock that ticks when told. */
function frames(): { schedule: Schedule; tick: () => void } {
  let due: (() => void)[] = [];
  return {
    schedule: (run) => {
      due.push(run);
      return () => (due = due.filter((one) => one !== run));
    },
    tick: () => {
      const now = due;
      due = [];
      for (const run of now) run();
    },
  };
}

function add(store: PacketStore, from: number, count: number): void {
  const bytes = recordBatch(Array.from({ length: count }, (_, i) => ({ tsNs: BigInt(from + i), bytes: "00".repeat((from + i) % 9) })));
  const view = viewOf(bytes);
  expect(checkBatch(view).ok).toBe(true);
  store.append(view, count, BigInt(from));
}

const shown = (store: PacketStore): number[] => {
  const { first, end } = store.snapshot();
  return Array.from({ length: end - first }, (_, i) => {
    const record = store.record(first + i);
    return record === null ? Number.NaN : Number(tsNs(record));
  });
};

describe("PacketStore", () => {
  test("tells listeners once per frame, and keeps its snapshot until something changed", () => {
    const clock = frames();
    const store = new PacketStore(clock.schedule, { rows: 100, bytes: 1e6 });
    let told = 0;
    store.subscribe(() => told++);
    const before = store.snapshot();
    add(store, 0, 3);
    add(store, 3, 3);
    expect(store.snapshot()).toBe(before);
    clock.tick();
    expect(told).toBe(1);
    expect(store.snapshot()).not.toBe(before);
    const after = store.snapshot();
    clock.tick();
    expect(store.snapshot()).toBe(after);
    expect(shown(store)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("a pause keeps what it was made for, however much comes", () => {
    const clock = frames();
    const store = new PacketStore(clock.schedule, { rows: 10, bytes: 1e6 });
    add(store, 0, 8);
    store.hold("paused");
    for (let i = 0; i < 10; i++) add(store, 8 + i * 5, 5);
    clock.tick();
    expect(shown(store)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(store.snapshot()).toMatchObject({ held: "paused", fresh: 50, total: 58 });
    store.release("paused");
    expect(shown(store)).toEqual([48, 49, 50, 51, 52, 53, 54, 55, 56, 57]);
    expect(store.snapshot()).toMatchObject({ held: null, fresh: 0 });
  });

  test("is held until the last reason is gone, and names the strongest", () => {
    const store = new PacketStore(frames().schedule, { rows: 10, bytes: 1e6 });
    store.hold("pointer");
    store.hold("paused");
    expect(store.snapshot().held).toBe("paused");
    store.release("paused");
    expect(store.snapshot().held).toBe("pointer");
    store.release("pointer", "walking");
    expect(store.snapshot().held).toBeNull();
  });

  test("lets whole batches go at the byte limit, but never the newest", () => {
    const clock = frames();
    const store = new PacketStore(clock.schedule, { rows: 1000, bytes: 600 });
    for (let i = 0; i < 20; i++) add(store, i * 2, 2);
    clock.tick();
    expect(shown(store).at(-1)).toBe(39);
    expect(shown(store).length).toBeLessThan(5);
    expect(shown(store)).not.toContain(Number.NaN);
  });

  test("under any order of batches, holds and releases shows consecutive rows that end where they should", () => {
    const reason = fc.constantFrom<HoldReason>("paused", "pointer", "walking");
    const step = fc.oneof(
      fc.record({ do: fc.constant("add" as const), count: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ do: fc.constantFrom("hold" as const, "release" as const), reason }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 300, max: 5000 }),
        (steps, rows, bytes) => {
          const clock = frames();
          const store = new PacketStore(clock.schedule, { rows, bytes });
          let came = 0;
          let endWhenHeld: number | null = null;
          const reasons = new Set<HoldReason>();
          for (const one of steps) {
            if (one.do === "add") {
              add(store, came, one.count);
              came += one.count;
            } else if (one.do === "hold") {
              if (reasons.size === 0) endWhenHeld = came;
              reasons.add(one.reason);
              store.hold(one.reason);
            } else {
              reasons.delete(one.reason);
              store.release(one.reason);
              if (reasons.size === 0) endWhenHeld = null;
            }
            clock.tick();
            const list = shown(store);
            const end = endWhenHeld ?? came;
            expect(store.snapshot()).toMatchObject({ end, fresh: came - end, total: came });
            expect(list.length).toBeLessThanOrEqual(rows);
            expect(list).toEqual(Array.from({ length: list.length }, (_, i) => end - list.length + i));
            if (came > 0 && end > 0) expect(list.length).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
