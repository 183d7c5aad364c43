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
/** What is given up first: N of the other filters, and only then of captures (SPEC 10.1). */
const LADDER: readonly Level[] = [
  ...SERIES.map((sampleN) => ({ sampleN, captureN: 1 })),
  ...SERIES.slice(1).map((captureN) => ({ sampleN: LARGEST, captureN })),
];
/** The last one for filters alone. */
const TOP = SERIES.length - 1;
/** N goes down when so many seconds in a row would have fitted into this part of the budget with the smaller N. */
const CALM_SECONDS = 5;
/** A load that varies by a fifth up and down never goes from here to over the budget: 1.2 / 0.8 × 0.65 < 1. */
const CALM_PART = 0.65;
/** Pressure halves after so many seconds without loss. */
const QUIET_SECONDS = 10;
/** Of one core. */
const MAX_CPU = 0.5;

/** One filter's share of a second: frames it took, and the N asked for it. */
export type Demand = { readonly matched: number; readonly sampleN: number; readonly capture?: boolean };
/** The least N of a filter, and that of a capture. */
type Level = { readonly sampleN: number; readonly captureN: number };

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

/** No filter takes more than 1 in `sampleN`, no capture more than 1 in `captureN`, nor more than `snaplen` bytes. `pressure` divides the budget. */
export type Decision = Level & { readonly snaplen: number; readonly step: Step; readonly pressure: number };

/**
 * Derives N from a budget in records per second. Up at once when a period was over it; down when the last five would
 * have fitted with less. What is lost within the budget (in the ring, in the queue) and CPU time of more than half a
 * core double the pressure, which divides the budget; ten quiet seconds halve it. Pure: time comes with each period.
 */
export class Budget {
  readonly #perSecond: number;
  /** Place on the ladder. */
  #level = 0;
  #pressure = 1;
  #quiet = 0;
  #recent: Period[] = [];

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  get decision(): Decision {
    const step = budgetSteps.findLast((each) => this.#pressure >= limits[each].pressure) ?? "full";
    return { ...at(this.#level), snaplen: limits[step].snaplen, step, pressure: this.#pressure };
  }

  /** What holds from now on. Periods are about a second. */
  next(period: Period): Decision {
    const records = (period.delivered + period.ringLost) / period.seconds;
    const top = period.demand.some(({ capture }) => capture === true) ? LADDER.length - 1 : TOP;
    this.#level = Math.min(this.#level, top);
    this.#press(period, records, top);
    this.#recent = [...this.#recent, period].slice(-CALM_SECONDS);
    const allowed = this.#allowed();
    if (records > allowed) this.#level = least(this.#level + 1, top, (level) => expected(period, level) <= allowed);
    else if (this.#recent.length === CALM_SECONDS) this.#level = this.#calm(allowed * CALM_PART);
    return this.decision;
  }

  #allowed(): number {
    return this.#perSecond / this.#pressure;
  }

  /** Loss beyond the budget says only that N was too small, and a larger one comes at once. */
  #press(period: Period, records: number, top: number): void {
    const inForce = records <= this.#allowed() || this.#level === top;
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
    return least(0, this.#level, (level) => this.#recent.every((period) => expected(period, level) <= part));
  }
}

const at = (level: number): Level => LADDER[level] ?? { sampleN: LARGEST, captureN: LARGEST };

/** The first place from `from` on that fits, `to` if none before does. */
function least(from: number, to: number, fits: (level: Level) => boolean): number {
  for (let level = from; level < to; level++) if (fits(at(level))) return level;
  return to;
}

/** Records per second with these N; more than that where filters overlap, never less. */
function expected({ seconds, matched, demand }: Period, { sampleN, captureN }: Level): number {
  const sum = (captures: boolean, n: number): number =>
    demand.reduce((all, each) => ((each.capture ?? false) === captures ? all + each.matched / Math.max(n, each.sampleN) : all), 0);
  const filters = Math.min(matched / sampleN, sum(false, sampleN));
  return Math.min(matched, filters + sum(true, captureN)) / seconds;
}
