import { expect, test } from "vitest";
import { atMostEvery } from "./signal.ts";

test("the first at once, the next when it is time, and what is cancelled not at all", () => {
  let now = 0;
  const waiting = new Map<() => void, number>();
  const later = (run: () => void, ms: number): (() => void) => {
    waiting.set(run, now + ms);
    return () => void waiting.delete(run);
  };
  const go = (to: number): void => {
    now = to;
    for (const [run, at] of waiting) if (at <= now && waiting.delete(run)) run();
  };
  const frame = (run: () => void): (() => void) => later(run, 16);
  const ran: number[] = [];
  const schedule = atMostEvery(100, frame, { now: () => now, later });
  const run = (): void => void ran.push(now);
  schedule(run);
  go(16);
  expect(ran).toEqual([16]);
  schedule(run);
  go(100);
  expect(ran).toEqual([16]);
  go(116);
  go(132);
  expect(ran).toEqual([16, 132]);
  const cancel = schedule(run);
  go(232);
  cancel();
  cancel();
  go(500);
  expect(ran).toEqual([16, 132]);
  expect(waiting.size).toBe(0);
});
