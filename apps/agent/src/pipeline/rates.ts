import type { AskedRate, Sampling } from "../sampling.ts";
import type { Asked } from "./governor.ts";

/** No packet is chosen but one in 4 billion, and then without its bytes: what has ended is cut from batches too. */
const NOTHING: Sampling = { sampleN: 0xffff_ffff, snaplen: 0 };

/** At most 1 in N of each filter's packets, and of each capture's, and so many bytes. */
export type RateLimit = Sampling & { readonly captureN: number };
const NO_LIMIT: RateLimit = { sampleN: 1, captureN: 1, snaplen: 4096 };

/** What is asked for by operator and hub, what the budget and the host's own limit let pass of it, and so what holds in the kernel. */
export class Rates {
  #builtIn: Sampling;
  #filters: { readonly number: number; readonly rates: readonly AskedRate[] } = { number: 0, rates: [] };
  #limit = NO_LIMIT;
  /** The most bytes of a packet that may leave this host (SPEC 10.4). */
  #maxSnaplen: number;

  constructor(builtIn: Sampling, maxSnaplen: number) {
    this.#builtIn = builtIn;
    this.#maxSnaplen = maxSnaplen;
  }

  /** True when it changed. */
  setMaxSnaplen(bytes: number): boolean {
    const changed = bytes !== this.#maxSnaplen;
    this.#maxSnaplen = bytes;
    return changed;
  }

  /** Of a snaplen asked for, what this host's own limit leaves. */
  allowed(snaplen: number): number {
    return Math.min(snaplen, this.#maxSnaplen);
  }

  /** For the built-in set, which holds while no filter is active. */
  setBuiltIn(sampling: Sampling): void {
    this.#builtIn = sampling;
  }

  /** A set is in force, one rate per filter; without filters it is the built-in one (SPEC 8.2). */
  setFilters(number: number, rates: readonly AskedRate[]): void {
    this.#filters = { number, rates };
  }

  /** True when it changed. None: nothing is limited by a budget. */
  setLimit(limit: RateLimit = NO_LIMIT): boolean {
    const { sampleN, captureN, snaplen } = this.#limit;
    this.#limit = { sampleN: limit.sampleN, captureN: limit.captureN, snaplen: limit.snaplen };
    return sampleN !== limit.sampleN || captureN !== limit.captureN || snaplen !== limit.snaplen;
  }

  get asked(): Asked {
    const { number, rates } = this.#filters;
    return rates.length === 0 ? { set: 0, rates: [this.#builtIn] } : { set: number, rates };
  }

  /** One per filter of the set in force, or the built-in set's one. */
  get inForce(): readonly Sampling[] {
    return this.limited(this.asked.rates);
  }

  /** What would hold of these. */
  limited(rates: readonly AskedRate[]): readonly Sampling[] {
    const { sampleN: filterN, captureN, snaplen: most } = this.#limit;
    return rates.map(({ sampleN, snaplen, kind }) => {
      if (kind === "ended") return NOTHING;
      return { sampleN: Math.max(sampleN, kind === "capture" ? captureN : filterN), snaplen: this.allowed(Math.min(snaplen, most)) };
    });
  }

  /** The frequentest rate and the longest capture of any filter: what a batch may hold. */
  get batch(): Sampling {
    const rates = this.inForce.filter((rate) => rate !== NOTHING);
    if (rates.length === 0) return { sampleN: 1, snaplen: 0 };
    return { sampleN: Math.min(...rates.map((rate) => rate.sampleN)), snaplen: Math.max(...rates.map((rate) => rate.snaplen)) };
  }
}
