import { expect, test } from "vitest";
import { Thinner } from "./live-thinner.ts";

test("shows what it may, saves up no more than half a second of it, and never less than one row", () => {
  const thinner = new Thinner(100, 0);
  expect(thinner.take(1_000, 0)).toBe(50);
  expect(thinner.take(1_000, 0)).toBe(0);
  expect(thinner.take(1_000, 100)).toBe(10);
  expect(thinner.take(4, 10_000)).toBe(4);
  expect(thinner.take(1_000, 10_000)).toBe(46);
  const slow = new Thinner(1, 0);
  expect([0, 500, 1_000, 2_000, 3_000].map((at) => slow.take(9, at))).toEqual([0, 1, 0, 1, 1]);
});

test("over any time it shows no more than its rate and a half second's", () => {
  const thinner = new Thinner(500, 0);
  let shown = 0;
  for (let at = 0; at <= 10_000; at += 7) shown += thinner.take(2_400, at);
  expect(shown).toBeLessThanOrEqual(250 + 5_000);
  expect(shown).toBeGreaterThan(5_000);
});
