import { BpfError, type Filter, type FilterTarget, type TranslatedFilters, translateFilters } from "@sonde/bpf";
import { type ClassicInstruction, verifyClassic } from "@sonde/filter";
import type { ErrorCode, FilterProgram, FiltersAck, FiltersMessage } from "@sonde/protocol";

/** As the protocol bounds them. */
const MAX_DETAIL = 500;
const MAX_LOG = 4000;
/** `ret #0` */
const NOTHING: FilterProgram[number] = [0x06, 0, 0, 0];

/** One set to be judged: the hub's message as JSON, and the engine it is for; measured unless it replaces one that was. */
export type FilterTask = { readonly message: string; readonly target: FilterTarget; readonly replaces?: boolean };
/** Ready to be loaded, or why not. */
export type Judged =
  | { readonly ok: true; readonly translated: TranslatedFilters; readonly nsPerPacket: number | null }
  | Extract<FiltersAck, { readonly ok: false }>;

/**
 * Verifies every program of a set that came from the hub, translates it and has it tried and measured (SPEC 8.3).
 * Takes seconds for large filters: not for the thread that talks to the hub. `measure` throws BpfError when the
 * kernel refuses the set.
 */
export function judgeFilters({ message, target }: FilterTask, measure: (filters: TranslatedFilters) => number | null): Judged {
  const parsed = JSON.parse(message) as FiltersMessage; // validated where it arrived
  const filters: Filter[] = [];
  for (const [at, { expression, ethernet, raw, sampleN, snaplen }] of parsed.filters.entries()) {
    const filter = { ethernet: decode(ethernet), raw: decode(raw), sampleN, snaplen };
    for (const link of ["ethernet", "raw"] as const) {
      const fault = verifyClassic(filter[link]);
      if (fault !== null)
        return refused("FILTER_INVALID", `filter ${at} (${shortened(expression)}), ${link}, instruction ${fault.at}: ${fault.reason}`);
    }
    filters.push(filter);
  }
  try {
    // The engine has no other set without filters than its own, number 0 (SPEC 8.2).
    const translated = translateFilters({ number: filters.length === 0 ? 0 : parsed.number, filters }, target);
    return { ok: true, translated, nsPerPacket: measure(translated) };
  } catch (error) {
    return refusalOf(error);
  }
}

/** A set whose filters match nothing where `ended` says so; the others keep their bits (SPEC 10.2). */
export function withoutEnded(message: FiltersMessage, ended: (filter: FiltersMessage["filters"][number]) => boolean): FiltersMessage {
  const filters = message.filters.map((filter) => (ended(filter) ? { ...filter, ethernet: [NOTHING], raw: [NOTHING] } : filter));
  return { ...message, filters };
}

/** Words for a set that could not be judged or loaded. */
export function refusalOf(error: unknown): Extract<FiltersAck, { readonly ok: false }> {
  if (!(error instanceof BpfError)) return refused("INTERNAL", String(error));
  // The log travels beside the words, which name it as it is called here.
  const words = error.message.replace("; the verifier's log is in verifierLog", "");
  return refused(codeOf(error), words, error.verifierLog.slice(-MAX_LOG));
}

const decode = (program: FilterProgram): ClassicInstruction[] => program.map(([code, jt, jf, k]) => ({ code, jt, jf, k }));

const shortened = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

function codeOf(error: BpfError): ErrorCode {
  switch (error.code) {
    case "LOAD":
      return "FILTER_REFUSED";
    case "INVALID":
      return "FILTER_INVALID";
    case "NO_BTF":
    case "NO_PRIVILEGE":
    case "NO_INTERFACE":
    case "UNSUPPORTED":
      return "FILTER_UNSUPPORTED";
    case "BUSY":
      return "BUSY";
    case "ATTACH":
    case "CLOSED":
      return "INTERNAL";
  }
}

export function refused(code: ErrorCode, detail: string, log = ""): Extract<FiltersAck, { readonly ok: false }> {
  return { ok: false, code, detail: detail.slice(0, MAX_DETAIL), ...(log === "" ? {} : { log }) };
}
