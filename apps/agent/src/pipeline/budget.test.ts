import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseSeed } from "../../../../test/support/random.ts";
import { Budget, type Decision, type Period } from "./budget.ts";

const seed = chooseSeed(process.env["SONDE_SEED"]);
const runs = { seed, numRuns: 300 };

type Filter = { readonly perSecond: number; readonly sampleN: number };

/** A second of traffic as the kernel would record it under a decision; what the filters take does not overlap. */
function second(filters: readonly Filter[], { sampleN }: Pick<Decision, "sampleN">, more: Partial<Period> = {}): Period {
  const demand = filters.map((filter) => ({ matched: filter.perSecond, sampleN: filter.sampleN }));
  const delivered = demand.reduce((sum, each) => sum + each.matched / Math.max(sampleN, each.sampleN), 0);
  const matched = demand.reduce((sum, each) => sum + each.matched, 0);
  return { seconds: 1, demand, matched, delivered, ringLost: 0, queueLost: 0, cpuShare: 0.1, ...more };
}

const everything = (perSecond: number): Filter[] => [{ perSecond, sampleN: 1 }];
const loads = fc.integer({ min: 0, max: 10_000_000 });
const budgets = fc.integer({ min: 100, max: 1_000_000 });
const someFilters = fc.array(fc.record({ perSecond: loads, sampleN: fc.constantFrom(1, 3, 10, 1000) }), { minLength: 1, maxLength: 8 });

describe(`a budget in records per second (SONDE_SEED=${seed})`, () => {
  test("a constant load is over it for one second at most, then never again, and N settles", () => {
    fc.assert(
      fc.property(budgets, someFilters, (perSecond, filters) => {
        const budget = new Budget(perSecond);
        const seen: number[] = [];
        for (let at = 0; at < 40; at++) {
          const period = second(filters, budget.decision);
          budget.next(period);
          if (at > 0) expect(period.delivered).toBeLessThanOrEqual(perSecond);
          seen.push(budget.decision.sampleN);
        }
        expect(new Set(seen.slice(10)).size).toBe(1);
      }),
      runs,
    );
  });

  test("it uses its budget: no N settles that is more than two steps above the least that fits", () => {
    fc.assert(
      fc.property(budgets, loads, loads, (perSecond, first, then) => {
        const budget = new Budget(perSecond);
        for (const load of [first, then]) for (let at = 0; at < 12; at++) budget.next(second(everything(load), budget.decision));
        // A smaller N than this would have been taken: 0.65 of the budget, and 2.5 between two steps.
        expect(budget.decision.sampleN).toBeLessThanOrEqual(Math.max(1, ((then / perSecond) * 2.5) / 0.65));
      }),
      runs,
    );
  });

  test("a load that varies by a fifth does not make N go up and down", () => {
    fc.assert(
      fc.property(
        budgets,
        loads,
        fc.array(fc.double({ min: 0.8, max: 1.2, noNaN: true }), { minLength: 50, maxLength: 100 }),
        (perSecond, load, noise) => {
          const budget = new Budget(perSecond);
          let before = 1;
          for (const factor of noise) {
            const { sampleN } = budget.next(second(everything(load * factor), budget.decision));
            expect(sampleN).toBeGreaterThanOrEqual(before);
            before = sampleN;
          }
        },
      ),
      runs,
    );
  });

  test("up at once, down after five seconds that fit", () => {
    const budget = new Budget(1000);
    expect(budget.next(second(everything(200_000), budget.decision)).sampleN).toBe(200);
    const after = Array.from({ length: 6 }, () => budget.next(second(everything(100), budget.decision)).sampleN);
    expect(after).toEqual([200, 200, 200, 200, 1, 1]);
  });

  test("what a rare filter takes does not thin out the others", () => {
    const budget = new Budget(1000);
    const filters = [
      { perSecond: 900_000, sampleN: 1000 },
      { perSecond: 50, sampleN: 1 },
    ];
    for (let at = 0; at < 10; at++) budget.next(second(filters, budget.decision));
    expect(budget.decision.sampleN).toBe(1);
  });

  test.each<[string, Partial<Period>]>([
    ["ring loss", { ringLost: 1 }],
    ["queue loss", { queueLost: 1 }],
    ["CPU time", { cpuShare: 0.6 }],
  ])("%s within the budget: step by step down to the addresses, and back when it is quiet", (_name, trouble) => {
    const budget = new Budget(1000);
    const steps = (count: number, more: Partial<Period>): string[] =>
      Array.from({ length: count }, () => {
        const { step, snaplen, pressure } = budget.next(second(everything(10), budget.decision, more));
        return `${pressure} ${step} ${snaplen}`;
      });
    expect(steps(7, trouble)).toEqual([
      "2 full 4096",
      "4 full 4096",
      "8 short 64",
      "16 short 64",
      "32 addresses 0",
      "64 addresses 0",
      "64 addresses 0",
    ]);
    expect([...new Set(steps(60, {}))]).toEqual([
      "64 addresses 0",
      "32 addresses 0",
      "16 short 64",
      "8 short 64",
      "4 full 4096",
      "2 full 4096",
      "1 full 4096",
    ]);
  });

  test("pressure divides the budget; loss beyond the budget and excused CPU time are no pressure", () => {
    const budget = new Budget(1000);
    budget.next(second(everything(500_000), budget.decision, { ringLost: 300_000 }));
    expect(budget.decision).toMatchObject({ pressure: 1, sampleN: 500 });
    budget.next(second(everything(500_000), budget.decision, { cpuShare: null }));
    expect(budget.decision).toMatchObject({ pressure: 1, sampleN: 500 });
    budget.next(second(everything(500_000), budget.decision, { queueLost: 5 }));
    expect(budget.decision).toMatchObject({ pressure: 2, sampleN: 1000 });
  });

  test("captures are taken 1 in 1 while other filters' N alone can hold the budget, and come back to it first", () => {
    const decided = (budget: Budget, captured: number): string => {
      const { sampleN, captureN } = budget.decision;
      const demand = [
        { matched: 50_000, sampleN: 1 },
        { matched: captured, sampleN: 1, capture: true },
      ];
      const delivered = 50_000 / sampleN + captured / captureN;
      budget.next({ seconds: 1, demand, matched: 50_000 + captured, delivered, ringLost: 0, queueLost: 0, cpuShare: 0.1 });
      return `${budget.decision.sampleN} ${budget.decision.captureN}`;
    };
    const budget = new Budget(1000);
    expect(decided(budget, 400)).toBe("100 1");
    expect(decided(budget, 400)).toBe("100 1");
    expect(decided(budget, 5000)).toBe("1000000 10");
    expect(decided(budget, 5000)).toBe("1000000 10");
    expect(Array.from({ length: 5 }, () => decided(budget, 100)).at(-1)).toBe("100 1");
  });

  test("without captures the ladder ends with the filters' N", () => {
    const budget = new Budget(100);
    const demand = [{ matched: 1e9, sampleN: 1, capture: true }];
    budget.next({ seconds: 1, demand, matched: 1e9, delivered: 1e9, ringLost: 0, queueLost: 0, cpuShare: null });
    expect(budget.decision).toMatchObject({ sampleN: 1_000_000, captureN: 1_000_000 });
    expect(budget.next(second(everything(10), budget.decision))).toMatchObject({ sampleN: 1_000_000, captureN: 1 });
  });

  test("pressure stays within its bounds and N in its series, whatever comes", () => {
    const periods = fc.array(
      fc.record({
        load: loads,
        ringLost: fc.nat(1000),
        queueLost: fc.nat(10),
        cpuShare: fc.option(fc.double({ min: 0, max: 8, noNaN: true })),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(budgets, periods, (perSecond, list) => {
        const budget = new Budget(perSecond);
        for (const { load, ...more } of list) {
          const { sampleN, pressure } = budget.next(second(everything(load), budget.decision, more));
          expect(String(sampleN)).toMatch(/^[125]0*$/);
          expect(sampleN).toBeLessThanOrEqual(1_000_000);
          expect([1, 2, 4, 8, 16, 32, 64]).toContain(pressure);
        }
      }),
      runs,
    );
  });
});
