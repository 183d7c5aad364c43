import { expect, test } from "vitest";
import { ReplayClock } from "./replay-clock.ts";

const S = 1_000_000_000n;

test("the first packet is now, the others keep their distance from it", () => {
  const clock = new ReplayClock(5n * S, 1);
  expect(clock.next(1_700_000_000n * S, 0n)).toEqual({ dueNs: 5n * S, timeNs: 5n * S });
  expect(clock.next(1_700_000_002n * S + 7n, 0n)).toEqual({ dueNs: 7n * S + 7n, timeNs: 7n * S + 7n });
});

test("a speed divides the distances", () => {
  const clock = new ReplayClock(0n, 4);
  clock.next(100n * S, 0n);
  expect(clock.next(102n * S, 0n).timeNs).toBe(S / 2n);
});

test("packets out of order keep their order of injection, and none is before the first", () => {
  const clock = new ReplayClock(S, 1);
  clock.next(100n * S, 0n);
  clock.next(103n * S, 0n);
  expect(clock.next(102n * S, 0n)).toEqual({ dueNs: 4n * S, timeNs: 3n * S });
  expect(clock.next(90n * S, 0n)).toEqual({ dueNs: 4n * S, timeNs: S });
});

test("as fast as possible, a packet's time is that of its injection", () => {
  const clock = new ReplayClock(0n, "max");
  clock.next(100n * S, 1n);
  expect(clock.next(900n * S, 2n)).toEqual({ dueNs: 2n, timeNs: 2n });
});
