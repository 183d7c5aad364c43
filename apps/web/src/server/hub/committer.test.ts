import { pino } from "pino";
import { describe, expect, test } from "vitest";
import type { Clock } from "../clock.ts";
import type { StoredBatch } from "../store/commit-batches.ts";
import { LANES, createCommitter, type Outcome } from "./committer.ts";
import { createHubCounters } from "./counters.ts";

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
const options = {
  onLedgers: () => {},
  clock: hasty,
  log,
  get counters() {
    return createHubCounters();
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
  captured: null,
  refusal: null,
});
/** 400 kB of rows. */
const large = (hostId: string, sequence: number): StoredBatch => ({
  ...batch(hostId, sequence),
  rows: { table: "flow_records", bytes: new Uint8Array(400_000), due: new Uint8Array(), count: 2400, frames: 2400 },
});
const outcomeOf = (committer: ReturnType<typeof createCommitter>, one: StoredBatch): Promise<Outcome> =>
  new Promise((resolve) => committer.push(one, resolve));

describe("committer", () => {
  test("joins what arrives during a transaction into the next", async () => {
    const sizes: number[] = [];
    const commit = async (batches: readonly StoredBatch[]) => {
      sizes.push(batches.length);
      await new Promise((resolve) => setImmediate(resolve));
      return [];
    };
    const committer = createCommitter({ ...options, commit });
    const outcomes = Array.from({ length: 50 }, (_, i) => outcomeOf(committer, batch(`h${i % 5}`, i)));
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["committed"]));
    expect(sizes.reduce((sum, size) => sum + size)).toBe(50);
    expect(sizes).toHaveLength(LANES);
  });

  test("one host's flood delays no other beyond the commit that runs, and its own order holds", async () => {
    const commits: StoredBatch[][] = [];
    const commit = async (batches: readonly StoredBatch[]) => {
      commits.push([...batches]);
      await new Promise((resolve) => setImmediate(resolve));
      return [];
    };
    const committer = createCommitter({ ...options, commit });
    const flood = Array.from({ length: 200 }, (_, i) => outcomeOf(committer, large("flood", i + 1)));
    const others: Promise<unknown>[] = [];
    for (let i = 0; i < 6; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      const before = commits.length;
      others.push(outcomeOf(committer, batch(`h${i}`, 1)).then(() => expect(commits.length - before).toBeLessThanOrEqual(2 * LANES)));
    }
    await Promise.all([...flood, ...others]);
    const sequences = commits.flat().flatMap((one) => (one.hostId === "flood" ? [one.sequence] : []));
    expect(sequences).toEqual(Array.from({ length: 200 }, (_, i) => BigInt(i + 1)));
    expect(commits.length).toBeGreaterThan(10);
  });

  test("what waits is bounded per host and in all, and a host with nothing waiting still finds room", async () => {
    const counters = createHubCounters();
    const committer = createCommitter({ ...options, counters, commit: () => new Promise(() => {}) });
    let hosts = 0;
    for (; committer.hasRoom(`h${hosts}`); hosts++) {
      let sequence = 1;
      for (; committer.hasRoom(`h${hosts}`) && sequence < 1000; sequence++) committer.push(large(`h${hosts}`, sequence), () => {});
      expect(sequence).toBeLessThan(30);
    }
    expect(hosts).toBeGreaterThan(8);
    expect(counters.waitingBytes).toBeLessThan(65 * 2 ** 20);
  });

  test("tries again while the database is away, and acknowledges nothing meanwhile", async () => {
    let failures = 3;
    const commit = async () => {
      if (failures-- > 0) throw Object.assign(new Error("away"), { code: "ECONNREFUSED" });
      return [];
    };
    const committer = createCommitter({ ...options, commit });
    expect(await outcomeOf(committer, batch("a", 1))).toBe("committed");
    expect(failures).toBe(-1);
  });

  test("what one host sends and the database refuses costs only that host", async () => {
    const commit = async (batches: readonly StoredBatch[]) => {
      if (batches.some((one) => one.hostId === "bad")) throw Object.assign(new Error("no such day"), { code: "23514" });
      return [];
    };
    const committer = createCommitter({ ...options, commit });
    const outcomes = await Promise.all([
      outcomeOf(committer, batch("good", 1)),
      outcomeOf(committer, batch("bad", 1)),
      outcomeOf(committer, batch("fine", 1)),
    ]);
    expect(outcomes).toEqual(["committed", "lost", "committed"]);
  });

  test("closing waits for the commit, and gives up on a database that is away", async () => {
    const ready = createCommitter({ ...options, commit: async () => [], clock: patient });
    const done = outcomeOf(ready, batch("a", 1));
    await ready.close(1000);
    expect(await done).toBe("committed");
    expect(await outcomeOf(ready, batch("a", 2))).toBe("lost");

    const away = createCommitter({ ...options, commit: () => Promise.reject(new Error("away")) });
    const lost = outcomeOf(away, batch("a", 1));
    await away.close(0);
    expect(await lost).toBe("lost");
  });
});
