import { afterEach, describe, expect, it } from "vitest";
import { none } from "../../test/queue-fixture.ts";
import { type Agent, type Rig, idOf, numbered, openRig } from "../../test/spool-fixture.ts";
import type { Outgoing } from "./queue-types.ts";

const WINDOW = 16;
const BACKLOG = 2000;
/** Ids of what was kept are below this. */
const LIVE = 1_000_000;

let rig: Rig;
afterEach(() => rig.close());

type Counts = { live: number; kept: number; longestLive: number };

/**
 * A link with rounds: the hub answers at most `capacity` of the batches in flight, while `perRound` new ones come. Counts
 * what arrives while anything that was kept is left, and how many rounds a new batch waited at most.
 */
function catchUp(agent: Agent, { capacity, perRound, rounds = 10_000 }: { capacity: number; perRound: number; rounds?: number }): Counts {
  const { outbox, queue } = agent;
  const counts: Counts = { live: 0, kept: 0, longestLive: 0 };
  const bornIn = new Map<number, number>();
  const wire: Outgoing[] = [];
  let id = LIVE;
  outbox.setAway(false);
  outbox.resume(none);
  for (let round = 0; round < rounds && counts.kept < BACKLOG; round++) {
    for (let i = 0; i < perRound; i++) {
      bornIn.set(++id, round);
      queue.pushRecords(numbered("records", id, 1), 1);
    }
    for (let answered = 0; answered < capacity; answered++) {
      if (outbox.earlier() !== null) outbox.resumeEarlier(none);
      for (let out = outbox.next(WINDOW); out !== null; out = outbox.next(WINDOW)) wire.push(out);
      const out = wire.shift();
      if (out === undefined) break;
      outbox.acknowledge(out);
      const born = bornIn.get(idOf(out.bytes));
      if (born === undefined) counts.kept++;
      else {
        counts.live++;
        counts.longestLive = Math.max(counts.longestLive, round - born);
      }
    }
  }
  return counts;
}

/** A run that was killed, and its successor. */
function afterKill(): Agent {
  rig = openRig();
  const first = rig.start(1n);
  first.outbox.setAway(true);
  for (let id = 1; id <= BACKLOG; id++) first.queue.pushRecords(numbered("records", id, 1), 1);
  rig.kill();
  return rig.start(2n);
}

/** A run whose hub was away. */
function afterAbsence(): Agent {
  rig = openRig();
  const agent = rig.start(1n);
  agent.outbox.setAway(true);
  for (let id = 1; id <= BACKLOG; id++) agent.queue.pushRecords(numbered("records", id, 1), 1);
  return agent;
}

describe.each([
  ["of an earlier run", afterKill],
  ["of this run", afterAbsence],
])("what was kept, %s (SPEC 4.12)", (_, start) => {
  it("leaves at twice the live rate and more where the link carries three times that, and no new batch waits for it", () => {
    const { live, kept, longestLive } = catchUp(start(), { capacity: 12, perRound: 4 });
    expect(kept).toBe(BACKLOG);
    expect(kept / live).toBeGreaterThanOrEqual(1.99); // but for the last round
    expect(longestLive).toBeLessThanOrEqual(2); // those of a window that was full when it came
  });

  it("has a quarter of a link that new batches would fill, and they have three", () => {
    const { live, kept } = catchUp(start(), { capacity: 8, perRound: 8, rounds: 500 });
    expect(kept / (kept + live)).toBeCloseTo(0.25, 1);
  });

  it("takes all that new batches leave", () => {
    const { live, kept } = catchUp(start(), { capacity: 8, perRound: 0 });
    expect({ live, kept }).toEqual({ live: 0, kept: BACKLOG });
  });
});

it("keeps a quarter of the window free of what was kept", () => {
  const { outbox, queue } = afterAbsence();
  outbox.setAway(false);
  outbox.resume(none);
  let sent = 0;
  while (outbox.next(WINDOW) !== null) sent++;
  expect(sent).toBe(12);
  queue.pushRecords(numbered("records", LIVE, 1), 1);
  expect(idOf(outbox.next(WINDOW)!.bytes)).toBe(LIVE);
});

it("sends again what was sent, before anything of its kind comes from disk (SPEC 4.4)", () => {
  rig = openRig();
  const { outbox, queue } = rig.start(1n);
  outbox.resume(none);
  for (let id = 1; id <= 4; id++) queue.pushRecords(numbered("records", id, 1), 1);
  while (outbox.next(WINDOW) !== null);
  outbox.rewind();
  outbox.setAway(true);
  for (let id = 5; id <= 8; id++) queue.pushRecords(numbered("records", id, 1), 1);
  outbox.setAway(false);
  outbox.resume(none);
  const sequences: bigint[] = [];
  for (let out = outbox.next(WINDOW); out !== null; out = outbox.next(WINDOW)) sequences.push(out.sequence);
  expect(sequences).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
});

it("writes to disk what is not answered for a second, so that a kill costs nothing", () => {
  rig = openRig();
  const { outbox, queue } = rig.start(1n);
  outbox.resume(none);
  for (let id = 1; id <= 20; id++) queue.pushRecords(numbered("records", id, 1), 1);
  while (outbox.next(WINDOW) !== null);
  outbox.tick();
  expect(rig.onDisk().size).toBe(20); // sent and unsent
  expect(queue.stats.held).toBe(20);
});
