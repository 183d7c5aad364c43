import { clockBoottimeNs, openEngine } from "@sonde/bpf";
import { type AgentInterface, BATCH_HEADER_BYTES, COUNTER_ROW_BYTES, counterRowAt, headerAt, recordAt, viewOf } from "@sonde/protocol";
import type { BpfSource } from "../capture/bpf-source.ts";
import { compileExpression, rawProgram } from "../capture/expression.ts";
import { SHARED_HOOKS, type Selection } from "../capture/plan.ts";
import { readClock } from "../control/clock.ts";
import { pointAt } from "./filter-check.ts";
import { type LineOptions, liveLine } from "./live-line.ts";
import { interfaceSource, requireInterfaces } from "./open-source.ts";
import type { Offer } from "./output.ts";

export type LiveFlags = { readonly interface: readonly string[]; readonly count?: number; readonly snaplen: number };
export type LiveDeps = {
  readonly compiler?: readonly string[] | undefined;
  readonly complain: (text: string) => void;
  /** Resolves at the next signal to end. */
  readonly signal: () => Promise<void>;
} & Offer;

/**
 * `sonde-agent live`: a line for each packet of this host, by an engine of its own, beside whatever agent runs.
 * Returns the exit status: 1 for a bad expression. Throws UsageError or BpfError.
 */
export async function runLive(words: readonly string[], flags: LiveFlags, deps: LiveDeps): Promise<0 | 1> {
  const ended = deps.signal(); // from here on, so that the counts are told whenever it comes
  const expression = words.join(" ").trim();
  const { compiler, complain } = deps;
  const compiled = expression === "" ? null : await compileExpression(expression, compiler === undefined ? {} : { compiler });
  if (compiled !== null && !compiled.ok) {
    complain(`${pointAt(expression, compiled.fault)}\n`);
    return 1;
  }
  const selection: Selection = { interfaces: flags.interface, xdp: [], xdpGeneric: [], hooks: SHARED_HOOKS };
  requireInterfaces(selection);
  const sampling = { sampleN: 1, snaplen: flags.snaplen };
  const engine = openEngine({ ...sampling, sampleOwn: true });
  if (compiled !== null) {
    const { programs } = compiled;
    engine.setFilters({ number: 1, filters: [{ ethernet: programs.ethernet, raw: rawProgram(programs), ...sampling }] });
  }
  await print(interfaceSource(engine, selection), flags, { ...deps, ended });
  return 0;
}

async function print(source: BpfSource, { count }: LiveFlags, deps: LiveDeps & { readonly ended: Promise<void> }): Promise<void> {
  const { out, printed, complain, signal, ended } = deps;
  const interfaces = new Map<number, AgentInterface>();
  const totals = { frames: 0n, unmatched: 0n, ringLost: 0n };
  let captured = 0;
  let unprinted = 0;
  let enough = (): void => undefined;
  const reached = new Promise<void>((resolve) => (enough = resolve));
  // Names may hold anything but a slash and white space (kernel/net/core/dev.c dev_valid_name).
  const interfaceName = (ifindex: number): string => (interfaces.get(ifindex)?.name ?? `if${ifindex}`).replaceAll(/\p{Cc}/gu, "?");
  const options: LineOptions = { interfaceName, wallOf: wallClock() };
  source.start({
    records: (batch) => {
      const lines: string[] = [];
      for (const record of recordsOf(batch)) {
        if (count !== undefined && captured === count) break;
        captured++;
        lines.push(`${liveLine(record, options)}\n`);
      }
      source.release(batch);
      if (!out(lines.join(""))) unprinted += lines.length;
      if (captured === count) enough();
    },
    counters: (batches) => {
      for (const batch of batches) addCounters(totals, viewOf(batch));
      return true;
    },
    filterCounters: () => true,
    flows: () => [],
    settled: () => undefined,
    counted: () => undefined,
    interfaces: (list) => {
      for (const each of list) interfaces.set(each.ifindex, each);
    },
    attached: ({ hook, ifindex, reason }) =>
      complain(`watching ${interfaceName(ifindex)} by ${hook}${reason === undefined ? "" : ` (${reason})`}\n`),
    detached: ({ ifindex, reason }) => complain(`no longer watching ${interfaceName(ifindex)}: ${reason ?? ""}\n`),
  });
  for (const [ifindex, { hook, up, reason }] of interfaces)
    if (hook === "none" && up && reason !== "not chosen") complain(`cannot watch ${interfaceName(ifindex)}: ${reason ?? ""}\n`);
  await Promise.race([ended, reached]);
  await source.stop();
  const { frames, unmatched, ringLost } = totals;
  complain(`${captured} packets captured\n${frames - unmatched} packets received by filter\n${ringLost} packets dropped by kernel\n`);
  if (unprinted > 0) complain(`${unprinted} packets captured but not printed: the output was not read fast enough\n`);
  await Promise.race([signal(), printed()]); // a second signal does not wait for a reader that is stuck
}

/** The records of a batch from the engine, which tiles its body with them (SPEC 2.5). */
function* recordsOf(batch: Uint8Array): Generator<DataView> {
  const view = viewOf(batch);
  const end = BATCH_HEADER_BYTES + view.getUint32(headerAt.bodyLen, true);
  for (let at = BATCH_HEADER_BYTES; at < end; at += view.getUint16(at + recordAt.recLen, true)) {
    yield new DataView(batch.buffer, batch.byteOffset + at, view.getUint16(at + recordAt.recLen, true));
  }
}

function addCounters(totals: { frames: bigint; unmatched: bigint; ringLost: bigint }, view: DataView): void {
  const rows = view.getUint32(headerAt.count, true);
  for (let row = 0; row < rows; row++) {
    const at = BATCH_HEADER_BYTES + row * COUNTER_ROW_BYTES;
    for (let proto = counterRowAt.proto; proto < counterRowAt.unmatched; proto += counterRowAt.protoStride)
      totals.frames += view.getBigUint64(at + proto, true);
    totals.unmatched += view.getBigUint64(at + counterRowAt.unmatched, true);
    totals.ringLost += view.getBigUint64(at + counterRowAt.ringLost, true);
  }
}

/** Boot time to wall time by one reading of both: right until the wall clock is set anew. */
function wallClock(): LineOptions["wallOf"] {
  const { bootNs, wallNs } = readClock({ bootNs: clockBoottimeNs, wallMs: Date.now });
  const offset = BigInt(wallNs) - BigInt(bootNs);
  return (boot) => {
    const micros = (boot + offset) / 1000n;
    return { ms: Number(micros / 1000n), micros: Number(micros % 1000n) };
  };
}
