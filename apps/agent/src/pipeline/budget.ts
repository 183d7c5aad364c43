import { budgetSteps } from "@sonde/protocol";

/** The agent goes down these under pressure, and comes back by itself. */
export type Step = (typeof budgetSteps)[number];

/** Pressure from which a step holds, and the bytes captured of a packet at most then. */
const limits = {
  full: { pressure: 1, snaplen: 4096 },
  short: { pressure: 8, snaplen: 64 },
  addresses: { pressure: 32, snaplen: 0 },
} as const;
const MAX_PRESSURE = 64;
/** 1, 2, 5, 10 … 1,000,000. */
const SERIES = Array.from({ length: 19 }, (_, i) => ([1, 2, 5][i % 3] ?? 1) * 10 ** Math.floor(i / 3));
const LARGEST = 1_000_000;
/** N goes down when so many seconds in a row would have fitted into this part of the budget with the smaller N. */
const CALM_SECONDS = 5;
/** A load that varies by a fifth up and down never goes from here to over the budget: 1.2 / 0.8 × 0.65 < 1. */
const CALM_PART = 0.65;
/** Pressure halves after so many seconds without loss. */
const QUIET_SECONDS = 10;
/** Of one core. */
const MAX_CPU = 0.5;

/** One filter's share of a second: frames it took, and the N asked for it. */
export type Demand = { readonly matched: number; readonly sampleN: number };

/** What the last control period brought. */
export type Period = {
  readonly seconds: number;
  readonly demand: readonly Demand[];
  /** Frames any filter took. */
  readonly matched: number;
  readonly delivered: number;
  readonly ringLost: number;
  readonly queueLost: number;
  /** Of one core; null when something else than records took it. */
  readonly cpuShare: number | null;
};

/** No filter takes more than 1 in `sampleN`, nor more than `snaplen` bytes. `pressure` divides the budget. */
export type Decision = { readonly sampleN: number; readonly snaplen: number; readonly step: Step; readonly pressure: number };

/**
 * Derives N from a budget in records per second. Up at once when a period was over it; down when the last five would
 * have fitted with less. What is lost within the budget (in the ring, in the queue) and CPU time of more than half a
 * core double the pressure, which divides the budget; ten quiet seconds halve it. Pure: time comes with each period.
 */
export class Budget {
  readonly #perSecond: number;
  #sampleN = 1;
  #pressure = 1;
  #quiet = 0;
  #recent: Period[] = [];

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  get decision(): Decision {
    const step = budgetSteps.findLast((each) => this.#pressure >= limits[each].pressure) ?? "full";
    return { sampleN: this.#sampleN, snaplen: limits[step].snaplen, step, pressure: this.#pressure };
  }

  /** What holds from now on. Periods are about a second. */
  next(period: Period): Decision {
    const records = (period.delivered + period.ringLost) / period.seconds;
    this.#press(period, records);
    this.#recent = [...this.#recent, period].slice(-CALM_SECONDS);
    const allowed = this.#allowed();
    if (records > allowed) this.#sampleN = SERIES.find((n) => n > this.#sampleN && expected(period, n) <= allowed) ?? LARGEST;
    else if (this.#recent.length === CALM_SECONDS) this.#sampleN = this.#calm(allowed * CALM_PART);
    return this.decision;
  }

  #allowed(): number {
    return this.#perSecond / this.#pressure;
  }

  /** Loss beyond the budget says only that N was too small, and a larger one comes at once. */
  #press(period: Period, records: number): void {
    const inForce = records <= this.#allowed() || this.#sampleN === LARGEST;
    const trouble = period.ringLost > 0 || period.queueLost > 0 || (period.cpuShare ?? 0) > MAX_CPU;
    if (trouble) {
      this.#quiet = 0;
      if (inForce) this.#pressure = Math.min(this.#pressure * 2, MAX_PRESSURE);
    } else if (++this.#quiet >= QUIET_SECONDS) {
      this.#quiet = 0;
      this.#pressure = Math.max(this.#pressure / 2, 1);
    }
  }

  /** The smallest N, at most the present one, with which all the recent periods would have been within `part`. */
  #calm(part: number): number {
    const fits = (n: number): boolean => this.#recent.every((period) => expected(period, n) <= part);
    return SERIES.find((n) => n >= this.#sampleN || fits(n)) ?? this.#sampleN;
  }
}

/** Records per second when no filter takes more than 1 in n; more than that where filters overlap, never less. */
function expected({ seconds, matched, demand }: Period, n: number): number {
  const each = demand.reduce((sum, filter) => sum + filter.matched / Math.max(n, filter.sampleN), 0);
  return Math.min(matched / n, each) / seconds;
}
