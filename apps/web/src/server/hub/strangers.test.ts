import { expect, test } from "vitest";
import type { Clock } from "../clock.ts";
import { createStrangers } from "./strangers.ts";

test("after many failures an address is looked at a few times a second, and another one freely", () => {
  let now = 0;
  const clock: Clock = { now: () => now, every: () => () => {}, after: () => () => {} };
  const strangers = createStrangers(clock);
  const tries = (address: string): number => Array.from({ length: 500 }, () => strangers.mayTry(address)).filter(Boolean).length;
  expect(tries("192.0.2.1")).toBe(500);
  for (let i = 0; i < 500; i++) strangers.failed("192.0.2.1");
  expect(tries("192.0.2.1")).toBe(10);
  expect(tries("192.0.2.2")).toBe(500);
  now += 1_000;
  expect(tries("192.0.2.1")).toBe(10);
  now += 60_000;
  expect(tries("192.0.2.1")).toBe(500);
});
