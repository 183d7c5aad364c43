import { BpfError, type CostRun, type Filter, type FilterReport, type TranslatedFilters, openCostRun } from "@sonde/bpf";

/** TCP SYN from 192.0.2.1 port 40000 to 198.51.100.2 port 443: the commonest kind of packet (RFC 5737 addresses). */
const FRAME = Buffer.from(
  "0200000000020200000000010800450000280001000040068e98c0000201c63364029c4001bb00000001000000005002ffff25af0000000000000000",
  "hex",
);
const REPEAT = 50_000;
const ROUNDS = 3;

/** `ret #0` */
const nothing: Filter = {
  ethernet: [{ code: 0x06, jt: 0, jf: 0, k: 0 }],
  raw: [{ code: 0x06, jt: 0, jf: 0, k: 0 }],
  sampleN: 1,
  snaplen: 0,
};

/** What a filter became in the kernel, and what a packet costs with it and with one that takes nothing, in ns at TC. */
export type Translated = { readonly report: FilterReport; readonly ns: number; readonly nsWithout: number };

/** The filter cannot be run here: it is too long to be translated, or the kernel's verifier refuses it, whose log it has. */
export class FilterRefused extends Error {
  readonly verifierLog: string;
  constructor({ message, verifierLog }: BpfError) {
    super(message);
    this.verifierLog = verifierLog;
  }
}

/** Has the kernel verify a filter, and measures it. Throws FilterRefused, and BpfError where nothing could be tried. */
export function translateFilter(filter: Filter): Translated {
  const run = openCostRun();
  try {
    const report = install(run, filter);
    const ns = least(run);
    run.setFilters([nothing]);
    return { report, ns, nsWithout: least(run) };
  } finally {
    run.close();
  }
}

function install(run: CostRun, filter: Filter): FilterReport {
  try {
    return run.setFilters([filter]);
  } catch (error) {
    throw error instanceof BpfError && error.code === "LOAD" ? new FilterRefused(error) : error;
  }
}

const least = (run: CostRun): number => Math.min(...Array.from({ length: ROUNDS }, () => run.measure("tc", FRAME, REPEAT)));

/**
 * What a packet costs on this host with these filters, ns: the whole engine but for the record, which few packets
 * become. By test runs of a second instance at TC, the least of some rounds: what else the host does only adds.
 * Null where the kernel offers no test runs. Throws BpfError LOAD with the verifier's log when it refuses the filters.
 */
export function measureCost(filters: TranslatedFilters): number | null {
  try {
    const run = openCostRun();
    try {
      run.setFilters(filters);
      return least(run);
    } finally {
      run.close();
    }
  } catch (error) {
    if (error instanceof BpfError && error.verifierLog === "") return null;
    throw error;
  }
}
