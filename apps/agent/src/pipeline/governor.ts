import type { AskedRate, Totals } from "../sampling.ts";
import type { Budget, Decision } from "./budget.ts";

export type GovernorOptions = {
  readonly budget: Budget;
  /** Any clock that does not jump. */
  readonly nowMs: () => number;
  /** Of the whole process, since it began. */
  readonly cpuSeconds: () => number;
  /** Records the agent's queue has dropped. */
  readonly queueLost: () => bigint;
};

/** What is asked for: a set's number, and N and snaplen of each of its filters; the built-in set 0 has one. */
export type Asked = { readonly set: number; readonly rates: readonly AskedRate[] };

type Reading = { readonly totals: Totals; readonly atMs: number; readonly cpu: number; readonly queueLost: bigint };

/** Turns running totals into control periods, and has the budget decide after each. */
export class Governor {
  readonly #options: GovernorOptions;
  #before: Reading;
  /** Something else than records takes CPU time in this period. */
  #busy = false;

  constructor(options: GovernorOptions) {
    this.#options = options;
    this.#before = this.#read({ matched: 0n, delivered: 0n, ringLost: 0n, filters: [] });
  }

  /** The CPU time of this period says nothing about records. */
  excuse(): void {
    this.#busy = true;
  }

  /** Ends a period. */
  tick(totals: Totals, asked: Asked): Decision {
    const { budget } = this.#options;
    const now = this.#read(totals);
    const before = this.#before;
    const seconds = (now.atMs - before.atMs) / 1000;
    if (seconds <= 0) return budget.decision;
    const busy = this.#busy;
    this.#before = now;
    this.#busy = false;
    return budget.next({
      seconds,
      demand: asked.rates.map(({ sampleN, kind }, bit) => ({
        matched: grown(taken(before.totals, asked.set, bit), taken(totals, asked.set, bit)),
        sampleN,
        capture: kind === "capture",
      })),
      matched: grown(before.totals.matched, totals.matched),
      delivered: grown(before.totals.delivered, totals.delivered),
      ringLost: grown(before.totals.ringLost, totals.ringLost),
      queueLost: grown(before.queueLost, now.queueLost),
      cpuShare: busy ? null : (now.cpu - before.cpu) / seconds,
    });
  }

  #read(totals: Totals): Reading {
    const { nowMs, cpuSeconds, queueLost } = this.#options;
    return { totals, atMs: nowMs(), cpu: cpuSeconds(), queueLost: queueLost() };
  }
}

const taken = ({ filters }: Totals, set: number, bit: number): bigint =>
  filters.find((each) => each.set === set && each.bit === bit)?.matched ?? 0n;

/** A total that shrank was begun anew. */
const grown = (before: bigint, now: bigint): number => Number(now >= before ? now - before : now);
