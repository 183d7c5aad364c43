import { BpfError, type Filter, type FilterSet } from "@sonde/bpf";
import { type ClassicInstruction, verifyClassic } from "@sonde/filter";
import type { ErrorCode, FilterProgram, FilterReport, FiltersAck, FiltersMessage } from "@sonde/protocol";
import type { Sampling } from "./source.ts";

/** As the protocol bounds them. */
const MAX_DETAIL = 500;
const MAX_LOG = 4000;

/**
 * Takes sets as takeFilters() does, but judges each only once: a large one may take so long that the hub gives up on
 * the connection and sends it again, and would do so for ever.
 */
export function createFilterTaker(install: (set: FilterSet) => FilterReport): (message: FiltersMessage) => FiltersAck {
  let judged: { readonly message: string; readonly answer: FiltersAck } | null = null;
  return (message) => {
    const text = JSON.stringify(message);
    if (judged?.message !== text) judged = { message: text, answer: takeFilters(message, install) };
    return judged.answer;
  };
}

/**
 * Verifies every program of a set that came from the hub, then has it installed (SPEC 8.3–8.5). `install` throws
 * BpfError and leaves everything as it was when the kernel refuses.
 */
export function takeFilters(message: FiltersMessage, install: (set: FilterSet) => FilterReport): FiltersAck {
  const filters: Filter[] = [];
  for (const [at, { expression, ethernet, raw, sampleN, snaplen }] of message.filters.entries()) {
    const filter = { ethernet: decode(ethernet), raw: decode(raw), sampleN, snaplen };
    for (const link of ["ethernet", "raw"] as const) {
      const fault = verifyClassic(filter[link]);
      if (fault !== null)
        return refused("FILTER_INVALID", `filter ${at} (${shortened(expression)}), ${link}, instruction ${fault.at}: ${fault.reason}`);
    }
    filters.push(filter);
  }
  try {
    return { ok: true, report: install({ number: message.number, filters }) };
  } catch (error) {
    if (!(error instanceof BpfError)) return refused("INTERNAL", String(error));
    // The log travels beside the words, which name it as it is called here.
    const words = error.message.replace("; the verifier's log is in verifierLog", "");
    return refused(codeOf(error), words, error.verifierLog.slice(-MAX_LOG));
  }
}

/** The frequentest rate and the longest capture of any filter: what a batch of theirs may hold. Null without filters. */
export function samplingOf(filters: FiltersMessage["filters"]): Sampling | null {
  if (filters.length === 0) return null;
  return {
    sampleN: Math.min(...filters.map((filter) => filter.sampleN)),
    snaplen: Math.max(...filters.map((filter) => filter.snaplen)),
  };
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

function refused(code: ErrorCode, detail: string, log = ""): FiltersAck {
  return { ok: false, code, detail: detail.slice(0, MAX_DETAIL), ...(log === "" ? {} : { log }) };
}
