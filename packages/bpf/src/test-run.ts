import { callError, errnoName } from "./errors.ts";
import type { Filters } from "./filters.ts";
import type { NativeEngine } from "./load.ts";
import { EngineMode, UNREAD, openNative, type OpenedNative } from "./open-native.ts";
import {
  BpfError,
  type Filter,
  type FilterReport,
  type LinkType,
  type PackedPackets,
  type TestHook,
  type TestPacket,
  type TestResult,
  type TestRun,
} from "./types.ts";

/** struct TestResult of native/test_bench.h: i32 -errno | u32 zero | u64 matched | struct sonde_record | struct sonde_tunnel */
const RESULT_BYTES = 160;
const RECORD_AT = 16;
const TUNNEL_AT = 112;
/** SONDE_REC_TUNNEL in sonde_record.flags */
const FLAGS_AT = 94;
const HAS_TUNNEL = 0x40;

/**
 * Opens an instance for test runs. Throws BpfError as openEngine() does. Not for several threads at once:
 * a packet's length travels beside it.
 */
export function openTestRun(options: { readonly filters?: readonly Filter[]; readonly objectDir?: string } = {}): TestRun {
  const run = new BoundTestRun(openNative({ ...UNREAD, mode: EngineMode.test, objectDir: options.objectDir }));
  try {
    if (options.filters !== undefined) run.setFilters(options.filters);
  } catch (error) {
    run.close();
    throw error;
  }
  return run;
}

/** Lays packets out for the addon, so that many runs copy them only once. */
export function packPackets(packets: readonly TestPacket[]): PackedPackets {
  const bytes = new Uint8Array(packets.reduce((sum, packet) => sum + packet.bytes.length, 0));
  const lengths = new Uint32Array(packets.length * 2);
  let at = 0;
  for (const [index, packet] of packets.entries()) {
    bytes.set(packet.bytes, at);
    at += packet.bytes.length;
    lengths[index * 2] = packet.bytes.length;
    lengths[index * 2 + 1] = Math.max(packet.wireLen, packet.bytes.length);
  }
  return { bytes, lengths };
}

class BoundTestRun implements TestRun {
  readonly #native: NativeEngine;
  readonly #filters: Filters;
  #closed = false;

  constructor({ engine, filters }: OpenedNative) {
    this.#native = engine;
    this.#filters = filters;
  }

  setFilters(filters: readonly Filter[]): FilterReport {
    this.#open("setFilters");
    return this.#filters.install({ number: filters.length === 0 ? 0 : 1, filters });
  }

  run(packets: readonly TestPacket[] | PackedPackets, where: { readonly hook: TestHook; readonly linkType: LinkType }): TestResult[] {
    this.#open("run");
    const { bytes, lengths } = "bytes" in packets ? packets : packPackets(packets);
    const answer = this.#native.testPackets(where.hook === "xdp" ? 1 : 0, where.linkType === "raw", bytes, lengths);
    if (typeof answer === "number") throw callError("run", answer);
    const view = new DataView(answer);
    return Array.from({ length: lengths.length / 2 }, (_, index) => resultAt(view, index * RESULT_BYTES));
  }

  close(): void {
    this.#closed = true;
    this.#native.close();
  }

  #open(what: string): void {
    if (this.#closed) throw new BpfError("CLOSED", `${what}: the test run is closed.`);
  }
}

function resultAt(view: DataView, at: number): TestResult {
  const errno = -view.getInt32(at, true);
  if (errno !== 0) return { ran: false, errno, reason: `the kernel refuses a test run of it (${errnoName(errno)})` };
  const record = new Uint8Array(view.buffer, at + RECORD_AT, TUNNEL_AT - RECORD_AT);
  const tunnelled = ((record[FLAGS_AT] ?? 0) & HAS_TUNNEL) !== 0;
  const tunnel = tunnelled ? new Uint8Array(view.buffer, at + TUNNEL_AT, RESULT_BYTES - TUNNEL_AT) : null;
  return { ran: true, matched: view.getBigUint64(at + 8, true), record, tunnel };
}
