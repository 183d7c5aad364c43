import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import type { MapFacts, NetInterface, ProgramFacts } from "./types.ts";
import { BpfError } from "./types.ts";

/** The .node file's own interface: every number is 0 or -errno; wrong argument types throw TypeError. */
export type Native = {
  readonly NativeEngine: new () => NativeEngine;
  readonly InterfaceWatch: new () => { open(listener: () => void): number; close(): void };
  listInterfaces(): NetInterface[] | number;
  clockBoottimeNs(): bigint;
  probeRingbuf(): number;
  probeXdp(): number;
  probeHooks(): Record<"tcx" | "clsact" | "xdpNative" | "xdpGeneric" | "socket", number>;
};

export type NativeEngine = {
  /** `mode`: enum sonde_mode (include/engine.h). */
  open(objectPath: string, ringBytes: number, flowEntries: number, mode: 0 | 1 | 2): { errno: number; log: string; xdpHelpers: boolean };
  /** Hooks as enum sonde_hook (include/abi.h). */
  attach(ifindex: number, ingress: number, egress: number): number;
  attached(ifindex: number): boolean;
  detach(ifindex: number): number;
  setSampling(sampleN: number, snaplen: number): number;
  setSampleOwn(sampleOwn: boolean): number;
  /** Packed struct sonde_endpoint (include/engine.h), 24 bytes each. */
  setOwnEndpoints(packed: Uint8Array): number;
  readCounters(): ArrayBuffer | number;
  readFilterCounters(): ArrayBuffer | number;
  /** `programs`: eBPF instructions per context of src/translate, empty to empty the slot. */
  setFilters(set: number, slot: number, rates: BigUint64Array, programs: readonly Uint8Array[]): NativeFilterResult;
  /** The same on a thread of the pool; until it is done setFilters(), loadFilters() and close() answer -EBUSY. */
  loadFilters(set: number, slot: number, rates: BigUint64Array, programs: readonly Uint8Array[]): Promise<NativeFilterResult>;
  /** `rates`: sonde_rate() (include/engine.h) per filter of the set in the slot; 2 is the built-in set's. */
  setRates(slot: number, rates: BigUint64Array): number;
  /** `hook`: 0 TC, 1 XDP; `lengths`: pairs of captured and wire length. Struct TestResult each (native/test_bench.h). */
  testPackets(hook: 0 | 1, raw: boolean, bytes: Uint8Array, lengths: Uint32Array): ArrayBuffer | number;
  /** `times`: CLOCK_BOOTTIME ns of each packet. */
  injectPackets(
    hook: 0 | 1,
    raw: boolean,
    bytes: Uint8Array,
    lengths: Uint32Array,
    times: BigUint64Array,
  ): { errno: number; ran: number; refused: number };
  /** Mean ns of one run. */
  measure(hook: 0 | 1, frame: Uint8Array, repeat: number): number;
  /** -EBUSY while filters are being loaded. */
  describe(): { readonly programs: readonly ProgramFacts[]; readonly maps: readonly MapFacts[] } | number;
  drainFlows(): Promise<ArrayBuffer | number>;
  /** `block`: number of a lent block, or the bytes of a batch that lies in none. */
  start(
    listener: (block: number | ArrayBuffer, bytes: number, records: number) => void,
    batchBytes: number,
    flushMs: number,
    maxPending: number,
  ): number;
  /** A block whole, in a new ArrayBuffer, or -EINVAL behind the last; collected while lent, the block is the reader's again. */
  block(index: number): ArrayBuffer | number;
  /** A lent block is the reader's again; its ArrayBuffer must be kept for the next batch in it. */
  release(index: number): number;
  stop(): Promise<void>;
  close(): number;
};

export type NativeFilterResult = {
  readonly errno: number;
  readonly log: string;
  /** Index of the context that was refused. */
  readonly context: number;
  /** Per context; 0 where the kernel does not tell. */
  readonly verified: readonly number[];
};

let directory = fileURLToPath(new URL("../build", import.meta.url));
let loaded: Native | undefined;

/**
 * Where sonde_bpf.node and *.bpf.o lie; the package's own build folder unless told. To be called by the
 * composition root of a bundle before anything else here. Throws BpfError INVALID once the addon is loaded.
 */
export function setNativeDir(dir: string): void {
  if (loaded && dir !== directory) {
    throw new BpfError("INVALID", `The addon is loaded from ${directory} already; set its folder before first use.`);
  }
  directory = dir;
}

/** The folder in force. */
export function nativeDir(): string {
  return directory;
}

/** Loads the addon once. Throws BpfError LOAD naming the file and what to do. */
export function native(): Native {
  loaded ??= requireAddon(join(directory, "sonde_bpf.node"));
  return loaded;
}

function requireAddon(path: string): Native {
  try {
    return createRequire(import.meta.url)(path) as Native;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BpfError(
      "LOAD",
      `The addon ${path} cannot be loaded: ${reason}. In a checkout run "make" in packages/bpf; ` +
        `elsewhere libbpf1, libelf1 and zlib1g must be installed.`,
    );
  }
}
