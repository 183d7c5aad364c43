import { constants } from "node:os";
import { callError, loadError } from "./errors.ts";
import type { NativeEngine, NativeFilterResult } from "./load.ts";
import { type Sampling, checkSampling } from "./options.ts";
import { JumpTooFar } from "./translate/assembler.ts";
import { classicFault } from "./translate/classic.ts";
import { MAX_FILTERS } from "./translate/layout.ts";
import { contexts, matchProgram, type MatchContext } from "./translate/program.ts";
import {
  BpfError,
  type ClassicInstruction,
  type Filter,
  type FilterReport,
  type FilterSet,
  type FilterTarget,
  type TranslatedFilters,
} from "./types.ts";

const NONE: readonly Uint8Array[] = contexts.map(() => new Uint8Array());
/** SONDE_SET_BUILTIN: where the rate of the built-in set lies. */
const BUILT_IN = 2;

export type FiltersOptions = {
  /** Whether the kernel has bpf_xdp_load_bytes. */
  readonly xdpHelpers: boolean;
  /** Whether packet sockets may come: test runs have none, and load a third less. */
  readonly sockets: boolean;
};

/** The filters of one loaded instance. */
export class Filters {
  readonly #native: NativeEngine;
  readonly #options: FiltersOptions;
  /** Of the set that was installed last; none has been at first. */
  #slot: 0 | 1 | null = null;
  /** Its number. */
  #number = 0;
  /** How many filters are in force; 0 is the built-in set. */
  #count = 0;
  #loading: Promise<unknown> = Promise.resolve();

  constructor(engine: NativeEngine, options: FiltersOptions) {
    this.#native = engine;
    this.#options = options;
  }

  /** The next set has another slot than the present one: packets inside the old programs still read that. */
  target(of: "next" | "present" = "next"): FilterTarget {
    const next = this.#slot === 0 ? 1 : 0;
    return { ...this.#options, slot: of === "next" ? next : (this.#slot ?? next) };
  }

  /** Translates, loads and swaps in a set. Throws BpfError INVALID, LOAD or BUSY; nothing is changed then. */
  install(set: FilterSet): FilterReport {
    return this.installTranslated(translateFilters(set, this.target()), set.filters);
  }

  installTranslated(translated: TranslatedFilters, rates: readonly Sampling[]): FilterReport {
    const { number, slot, programs } = translated;
    return this.#installed(translated, this.#native.setFilters(number, slot, this.#packed(translated, rates), programs));
  }

  /** As installTranslated() on another thread. */
  async load(translated: TranslatedFilters, rates: readonly Sampling[]): Promise<FilterReport> {
    const { number, slot, programs } = translated;
    const loading = this.#native.loadFilters(number, slot, this.#packed(translated, rates), programs);
    this.#loading = loading;
    return this.#installed(translated, await loading);
  }

  /** Other programs for the set in force, on another thread: without rates the addon leaves its slot as it is. */
  async replace(translated: TranslatedFilters): Promise<FilterReport> {
    const { number, slot, count, programs } = translated;
    if (count === 0 || slot !== this.#slot || number !== this.#number || count !== this.#count) {
      throw new BpfError("BUSY", "Another filter set is in force than the one these programs are for.");
    }
    const loading = this.#native.loadFilters(number, slot, new BigUint64Array(), programs);
    this.#loading = loading;
    return this.#installed(translated, await loading);
  }

  /** Replaces the rates of the set in force, one per filter; of the built-in set its one. Throws BpfError INVALID. */
  setRates(rates: readonly Sampling[]): void {
    const wanted = Math.max(1, this.#count);
    if (rates.length !== wanted) throw new BpfError("INVALID", `${rates.length} rates for the ${wanted} of the set in force.`);
    const slot = this.#count === 0 ? BUILT_IN : (this.#slot ?? BUILT_IN);
    const result = this.#native.setRates(slot, packRates(rates));
    if (result < 0) throw callError("setRates", result);
  }

  /** Resolves when no load is under way. */
  async idle(): Promise<void> {
    await this.#loading;
  }

  #packed({ slot, count }: TranslatedFilters, rates: readonly Sampling[]): BigUint64Array {
    if (slot === this.#slot) throw new BpfError("BUSY", "Another filter set was installed since this one was translated.");
    if (rates.length !== count) throw new BpfError("INVALID", `${rates.length} rates for ${count} filters.`);
    return packRates(rates);
  }

  #installed({ number, slot, count, programs }: TranslatedFilters, result: NativeFilterResult): FilterReport {
    if (result.errno === -constants.errno.EBUSY) throw new BpfError("BUSY", "Another filter set is being loaded.", -result.errno);
    if (result.errno === -constants.errno.EBADF) throw callError("setFilters", result.errno);
    if (result.errno !== 0) {
      const context = contexts[result.context] ?? "tc-ethernet";
      throw loadError(`Loading ${count} filters for ${context}`, result.errno, result.log);
    }
    this.#slot = slot;
    this.#number = number;
    this.#count = count;
    return {
      contexts: contexts.flatMap((context, i) => {
        const instructions = (programs[i]?.byteLength ?? 0) / 8;
        return instructions === 0 ? [] : [{ context, instructions, verified: result.verified[i] ?? 0 }];
      }),
    };
  }
}

/** struct sonde_rate of include/engine.h. Throws BpfError INVALID. */
function packRates(rates: readonly Sampling[]): BigUint64Array {
  return BigUint64Array.from(rates.map(checkSampling), ({ sampleN, snaplen }) => BigInt(sampleN) | (BigInt(snaplen) << 32n));
}

/**
 * Translates a set for the engine that named the target; needs neither the kernel nor the addon, so any thread can do
 * it. Throws BpfError INVALID, or LOAD when a filter is too long.
 */
export function translateFilters(set: FilterSet, target: FilterTarget): TranslatedFilters {
  checkSet(set);
  const { number, filters } = set;
  const programs = filters.length === 0 ? NONE : translate(filters, target);
  return { number, slot: target.slot, count: filters.length, programs };
}

function checkSet({ number, filters }: FilterSet): void {
  const sound = Number.isInteger(number) && number >= 0 && number <= 0xffffffff && (number === 0) === (filters.length === 0);
  if (!sound) throw new BpfError("INVALID", `A filter set with filters has a number from 1 to 2^32-1, one without has 0, not ${number}.`);
  if (filters.length > MAX_FILTERS) throw new BpfError("INVALID", `${filters.length} filters; at most ${MAX_FILTERS} run at once.`);
  for (const [index, filter] of filters.entries()) {
    checkSampling(filter);
    for (const program of [filter.ethernet, filter.raw]) {
      const fault = classicFault(program);
      if (fault !== null) throw new BpfError("INVALID", `Filter ${index}: its classic program ${fault}.`);
    }
  }
}

const forContext = (filter: Filter, context: MatchContext): readonly ClassicInstruction[] =>
  context.endsWith("raw") ? filter.raw : filter.ethernet;

function translate(filters: readonly Filter[], { slot, xdpHelpers, sockets }: FilterTarget): readonly Uint8Array[] {
  return contexts.map((context) => {
    if (context.startsWith("socket") && !sockets) return new Uint8Array();
    try {
      return matchProgram(
        filters.map((filter) => forContext(filter, context)),
        { context, set: slot, xdpHelpers },
      );
    } catch (error) {
      if (!(error instanceof JumpTooFar)) throw error;
      throw new BpfError("LOAD", `Filter ${longest(filters, context)} is too long to be translated: ${error.message}.`);
    }
  });
}

/** Jumps stay inside a filter, so a jump that is too far is one of the longest. */
function longest(filters: readonly Filter[], context: MatchContext): number {
  const lengths = filters.map((filter) => forContext(filter, context).length);
  return lengths.indexOf(Math.max(...lengths));
}
