import type { Sampling } from "../sampling.ts";
import type { Asked } from "./governor.ts";

/** What is asked for by operator and hub, what the budget lets pass of it, and so what holds in the kernel. */
export class Rates {
  #builtIn: Sampling;
  #filters: { readonly number: number; readonly rates: readonly Sampling[] } = { number: 0, rates: [] };
  /** At most 1 in N of each filter's packets, and so many bytes. */
  #limit: Sampling = { sampleN: 1, snaplen: 4096 };

  constructor(builtIn: Sampling) {
    this.#builtIn = builtIn;
  }

  /** For the built-in set, which holds while no filter is active. */
  setBuiltIn(sampling: Sampling): void {
    this.#builtIn = sampling;
  }

  /** A set is in force, one rate per filter; without filters it is the built-in one (SPEC 8.2). */
  setFilters(number: number, rates: readonly Sampling[]): void {
    this.#filters = { number, rates };
  }

  /** True when it changed. */
  setLimit({ sampleN, snaplen }: Sampling): boolean {
    const changed = sampleN !== this.#limit.sampleN || snaplen !== this.#limit.snaplen;
    this.#limit = { sampleN, snaplen };
    return changed;
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
  limited(rates: readonly Sampling[]): readonly Sampling[] {
    const { sampleN, snaplen } = this.#limit;
    return rates.map((rate) => ({ sampleN: Math.max(rate.sampleN, sampleN), snaplen: Math.min(rate.snaplen, snaplen) }));
  }

  /** The frequentest rate and the longest capture of any filter: what a batch may hold. */
  get batch(): Sampling {
    const rates = this.inForce;
    return { sampleN: Math.min(...rates.map((rate) => rate.sampleN)), snaplen: Math.max(...rates.map((rate) => rate.snaplen)) };
  }
}
