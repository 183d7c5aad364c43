import { loadError } from "./errors.ts";
import type { NativeEngine } from "./load.ts";
import { checkSampling } from "./options.ts";
import { JumpTooFar } from "./translate/assembler.ts";
import { classicFault } from "./translate/classic.ts";
import { MAX_FILTERS } from "./translate/layout.ts";
import { contexts, matchProgram, type MatchContext } from "./translate/program.ts";
import { BpfError, type ClassicInstruction, type Filter, type FilterReport, type FilterSet } from "./types.ts";

const NONE: readonly Uint8Array[] = contexts.map(() => new Uint8Array());

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
  #slot: 0 | 1 = 0;

  constructor(engine: NativeEngine, options: FiltersOptions) {
    this.#native = engine;
    this.#options = options;
  }

  /** Translates, loads and swaps in a set. Throws BpfError INVALID or LOAD; nothing is changed then. */
  install(set: FilterSet): FilterReport {
    checkSet(set);
    const slot = this.#slot === 0 ? 1 : 0; // packets inside the old programs still read the other
    const programs = set.filters.length === 0 ? NONE : translate(set.filters, slot, this.#options);
    const report = load(this.#native, set, slot, programs);
    this.#slot = slot;
    return report;
  }
}

function load(engine: NativeEngine, set: FilterSet, slot: number, programs: readonly Uint8Array[]): FilterReport {
  const rates = BigUint64Array.from(set.filters, ({ sampleN, snaplen }) => BigInt(sampleN) | (BigInt(snaplen) << 32n));
  const result = engine.setFilters(set.number, slot, rates, programs);
  if (result.errno !== 0) {
    const context = contexts[result.context] ?? "tc-ethernet";
    throw loadError(`Loading ${set.filters.length} filters for ${context}`, result.errno, result.log);
  }
  return {
    contexts: contexts.flatMap((context, i) => {
      const instructions = (programs[i]?.byteLength ?? 0) / 8;
      return instructions === 0 ? [] : [{ context, instructions, verified: result.verified[i] ?? 0 }];
    }),
  };
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

function translate(filters: readonly Filter[], set: number, { xdpHelpers, sockets }: FiltersOptions): readonly Uint8Array[] {
  return contexts.map((context) => {
    if (context.startsWith("socket") && !sockets) return new Uint8Array();
    try {
      return matchProgram(
        filters.map((filter) => forContext(filter, context)),
        { context, set, xdpHelpers },
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
