import { expect, test } from "vitest";
import type { Clock } from "../clock.ts";
import { createChangeFeed } from "./change-feed.ts";

test("changes within a moment are told once, by name or as the list alone", () => {
  const timers: (() => void)[] = [];
  const clock: Clock = { now: () => 0, every: () => () => {}, after: (_, run) => (timers.push(run), () => {}) };
  const told: string[][] = [];
  const feed = createChangeFeed(clock, (hostIds) => told.push(hostIds));
  feed.changed(["a"]);
  feed.changed(["b", "a"]);
  expect(told).toEqual([]);
  timers.shift()!();
  feed.changed([]);
  timers.shift()!();
  feed.changed(["a"]);
  feed.changed([]);
  timers.shift()!();
  expect(told).toEqual([["a", "b"], [], ["a"]]);
  expect(timers).toEqual([]);
});
