import { pino } from "pino";
import { describe, expect, test } from "vitest";
import type { Clock } from "../clock.ts";
import type { Refusals, StoredBatch } from "../store/commit-batches.ts";
import { createCommitter, type Outcome } from "./committer.ts";

const log = pino({ level: "silent" });
/** Timers run on the next turn. */
const hasty: Clock = {
  now: () => 0,
  every: () => () => {},
  after: (_, run) => {
    const timer = setImmediate(run);
    return () => clearImmediate(timer);
  },
};
const patient: Clock = { ...hasty, after: () => () => {} };
const batch = (hostId: string, sequence: number): StoredBatch => ({
  hostId,
  bootId: "b",
  stream: 1n,
  kind: "records",
  sequence: BigInt(sequence),
  records: 1,
  sampleN: 1,
  snaplen: 0,
  queueLost: 0n,
  rows: null,
  refusal: null,
});
const outcomeOf = (committer: ReturnType<typeof createCommitter>, one: StoredBatch): Promise<Outcome> =>
  new Promise((resolve) => expect(committer.push(one, resolve)).toBe(true));

describe("committer", () => {
  test("joins what arrives during a transaction into the next", async () => {
    const sizes: number[] = [];
    const commit = async (batches: readonly StoredBatch[]) => {
      sizes.push(batches.length);
      await new Promise((resolve) => setImmediate(resolve));
      return [];
    };
    const committer = createCommitter({ commit, onLedgers: () => {}, clock: hasty, log });
    const outcomes = Array.from({ length: 50 }, (_, i) => outcomeOf(committer, batch(`h${i % 5}`, i)));
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["committed"]));
    expect(sizes).toEqual([50]);
  });

  test("tries again while the database is away, and acknowledges nothing meanwhile", async () => {
    let failures = 3;
    const commit = async () => {
      if (failures-- > 0) throw Object.assign(new Error("away"), { code: "ECONNREFUSED" });
      return [];
    };
    const committer = createCommitter({ commit, onLedgers: () => {}, clock: hasty, log });
    expect(await outcomeOf(committer, batch("a", 1))).toBe("committed");
    expect(failures).toBe(-1);
  });

  test("what one host sends and the database refuses costs only that host", async () => {
    const counted: string[] = [];
    const commit = async (batches: readonly StoredBatch[], refusals: Refusals) => {
      if (batches.some((one) => one.hostId === "bad")) throw Object.assign(new Error("no such day"), { code: "23514" });
      counted.push(...[...refusals.values()].map((one) => one.hostId));
      return [];
    };
    const committer = createCommitter({ commit, onLedgers: () => {}, clock: hasty, log });
    committer.refuse("good", "BATCH_MAGIC");
    const outcomes = await Promise.all([
      outcomeOf(committer, batch("good", 1)),
      outcomeOf(committer, batch("bad", 1)),
      outcomeOf(committer, batch("fine", 1)),
    ]);
    expect(outcomes).toEqual(["committed", "lost", "committed"]);
    expect(counted).toEqual(["good"]);
  });

  test("closing waits for the commit, and gives up on a database that is away", async () => {
    const ready = createCommitter({ commit: async () => [], onLedgers: () => {}, clock: patient, log });
    const done = outcomeOf(ready, batch("a", 1));
    await ready.close(1000);
    expect(await done).toBe("committed");
    expect(ready.push(batch("a", 2), () => {})).toBe(false);

    const away = createCommitter({ commit: () => Promise.reject(new Error("away")), onLedgers: () => {}, clock: hasty, log });
    const lost = outcomeOf(away, batch("a", 1));
    await away.close(0);
    expect(await lost).toBe("lost");
  });
});
