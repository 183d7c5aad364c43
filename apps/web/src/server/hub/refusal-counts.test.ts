import { pino } from "pino";
import { expect, test } from "vitest";
import type { Clock } from "../clock.ts";
import type { Refusals } from "../store/batch-refusals.ts";
import { createRefusalCounts } from "./refusal-counts.ts";

const log = pino({ level: "silent" });

/** Timers run when told to. */
function timers(): { clock: Clock; run: () => Promise<void>; readonly waiting: number } {
  const due = new Set<() => void>();
  const after: Clock["after"] = (_, run) => {
    due.add(run);
    return () => void due.delete(run);
  };
  return {
    clock: { now: () => 0, every: () => () => {}, after },
    run: async () => {
      for (const one of due) {
        due.delete(one);
        one();
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
    get waiting() {
      return due.size;
    },
  };
}

const sums = (refusals: Refusals): unknown[] => [...refusals.values()];

test("what is refused meanwhile is stored together, once", async () => {
  const saved: unknown[][] = [];
  const time = timers();
  const counts = createRefusalCounts({ save: async (some) => void saved.push(sums(some)), clock: time.clock, log });
  for (let i = 0; i < 300; i++) counts.add("a", "BATCH_MAGIC");
  counts.add("b", "BATCH_HOST");
  expect(time.waiting).toBe(1);
  await time.run();
  await time.run();
  expect(saved).toEqual([
    [
      { hostId: "a", code: "BATCH_MAGIC", batches: 300 },
      { hostId: "b", code: "BATCH_HOST", batches: 1 },
    ],
  ]);
});

test("while the database is away nothing is forgotten; at the end what waits is stored", async () => {
  const saved: unknown[][] = [];
  let away = true;
  const save = async (some: Refusals): Promise<void> => {
    if (away) throw new Error("away");
    saved.push(sums(some));
  };
  const time = timers();
  const counts = createRefusalCounts({ save, clock: time.clock, log });
  counts.add("a", "BATCH_MAGIC");
  await time.run();
  counts.add("a", "BATCH_MAGIC");
  away = false;
  await counts.close();
  expect(saved).toEqual([[{ hostId: "a", code: "BATCH_MAGIC", batches: 2 }]]);
  expect(time.waiting).toBe(0);
});
