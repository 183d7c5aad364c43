import { expect, test } from "vitest";
import { Budget } from "./budget.ts";
import { Governor } from "./governor.ts";
import type { Totals } from "../sampling.ts";

const asked = { set: 4, rates: [{ sampleN: 1, snaplen: 64 }] };

function rig() {
  const clock = { nowMs: 0, cpuSeconds: 0, queueLost: 0n };
  const governor = new Governor({
    budget: new Budget(1000),
    nowMs: () => clock.nowMs,
    cpuSeconds: () => clock.cpuSeconds,
    queueLost: () => clock.queueLost,
  });
  const total = (matched: bigint, delivered: bigint, ringLost = 0n): Totals => ({
    matched,
    delivered,
    ringLost,
    filters: [{ set: 4, bit: 0, matched }],
  });
  const tick = (totals: Totals, ms = 1000) => {
    clock.nowMs += ms;
    return governor.tick(totals, asked);
  };
  return { clock, governor, total, tick };
}

test("periods are differences over the time that passed", () => {
  const { total, tick } = rig();
  expect(tick(total(5000n, 5000n), 10_000).sampleN).toBe(1);
  expect(tick(total(9000n, 9000n)).sampleN).toBe(5);
  expect(tick(total(9000n, 9000n), 0).sampleN).toBe(5); // no time has passed
});

test("a set put in anew counts from zero, and totals that shrink likewise", () => {
  const { total, tick } = rig();
  tick(total(500n, 500n));
  expect(tick({ ...total(700n, 700n), filters: [{ set: 4, bit: 0, matched: 200n }] }).sampleN).toBe(1);
  expect(tick(total(300n, 300n)).sampleN).toBe(1);
});

test("CPU time counts as a share of one core, but for periods that are excused", () => {
  const { clock, governor, total, tick } = rig();
  governor.excuse();
  clock.cpuSeconds = 1.5;
  expect(tick(total(0n, 0n), 2000).pressure).toBe(1);
  clock.cpuSeconds = 2.6;
  expect(tick(total(0n, 0n), 2000).pressure).toBe(2);
});

test("what the agent's queue drops is pressure", () => {
  const { clock, total, tick } = rig();
  clock.queueLost = 3n;
  expect(tick(total(10n, 10n)).pressure).toBe(2);
  expect(tick(total(20n, 20n)).pressure).toBe(2);
});
