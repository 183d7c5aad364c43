/** A network device of the process's own network namespace. */
export type NetInterface = {
  readonly ifindex: number;
  readonly name: string;
  /** ARPHRD_ETHER, ARPHRD_LOOPBACK, devices without a link header (tun, ipip), anything else. */
  readonly kind: "ethernet" | "loopback" | "l3" | "other";
  readonly mac: string | null;
  readonly mtu: number;
  readonly up: boolean;
};

/**
 * How the incoming packets of one interface are taken: a TCX link (Linux 6.6), a filter in a clsact qdisc, XDP
 * in the driver or before the stack, the filter of a packet socket (which sees what tcpdump sees).
 */
export const attachModes = ["tcx", "clsact", "xdp-native", "xdp-generic", "socket"] as const;
export type AttachMode = (typeof attachModes)[number];
/** XDP sees incoming packets only. */
export type EgressMode = Exclude<AttachMode, `xdp-${string}`>;

export type EngineOptions = {
  /** Folder of the compiled *.bpf.o files; the package's own build unless given. */
  readonly objectDir?: string;
  /** Ring buffer size in bytes: a power of two and a multiple of the page size. Default 8 MiB. */
  readonly ringBytes?: number;
  /**
   * Room for flows that between two drains find their place in a CPU's table (2,048 places each) taken, per CPU that
   * sees them; beyond it they are counted as unflowed. Twice about 160 bytes of kernel memory each. Default 32,768.
   */
  readonly flowEntries?: number;
  /**
   * Attached to nothing; packets come by inject(), in their own time. Default false.
   */
  readonly replay?: boolean;
  /** 1 in N. Default 1. */
  readonly sampleN?: number;
  /** Captured bytes per record, 0–4096. Default 128. */
  readonly snaplen?: number;
  /** Sample Sonde's own connections too. Default false: they are counted as unmatched. */
  readonly sampleOwn?: boolean;
};

/** Address as 16 bytes (IPv4 in the first four, the rest zero), port in host order. */
export type Endpoint = { readonly family: 4 | 6; readonly address: Uint8Array; readonly port: number };

export type ReaderOptions = {
  /** A batch is full with so many bytes, header included. Default 256 KiB, the most. */
  readonly batchBytes?: number;
  /** Full batches, or else the open one, are handed over so long after the last, or when sixteen are full. Default 20 ms. */
  readonly flushMs?: number;
  /** Batches that may wait for the JS thread before the reader stops reading the ring; lent ones do not count. Default 64. */
  readonly maxPending?: number;
};

/**
 * A record batch in wire layout (packages/protocol SPEC 2): header with magic, version, kind, count,
 * body length and times filled; host, boot, stream, sequence, N, snaplen and losses still zero.
 *
 * It lies in memory of the reader's, lent until Engine.release() or until the collector finds its buffer unused:
 * the first is cheap and exact, the second costs more than reading the records did.
 */
export type BatchListener = (batch: Uint8Array<ArrayBuffer>, records: number) => void;

/** What this kernel and process can do; each fact found by trying, not by version. */
export type KernelFacts = {
  readonly release: string;
  readonly btf: boolean;
  readonly ringbuf: Tried;
  readonly tcx: Tried;
  readonly clsact: Tried;
  /** Loading an XDP program. */
  readonly xdp: Tried;
  /** On a veth: whether a network card's driver can do it shows when it is attached there. */
  readonly xdpNative: Tried;
  readonly xdpGeneric: Tried;
  /** A packet socket with a program as its filter. */
  readonly socket: Tried;
  readonly capabilities: { readonly bpf: boolean; readonly netAdmin: boolean; readonly perfmon: boolean; readonly sysAdmin: boolean };
};
/** errno is 0 when it worked. */
export type Tried = { readonly ok: boolean; readonly errno: number };

export type BpfErrorCode = "NO_BTF" | "NO_PRIVILEGE" | "NO_INTERFACE" | "BUSY" | "UNSUPPORTED" | "LOAD" | "ATTACH" | "CLOSED" | "INVALID";

/** Any failure of the addon. `errno` is positive (0: none); `verifierLog` only from loading. */
export class BpfError extends Error {
  readonly code: BpfErrorCode;
  readonly errno: number;
  readonly verifierLog: string;
  constructor(code: BpfErrorCode, message: string, errno = 0, verifierLog = "") {
    super(message);
    this.name = "BpfError";
    this.code = code;
    this.errno = errno;
    this.verifierLog = verifierLog;
  }
}

/** A program that is loaded, or a map. */
export type ProgramFacts = {
  readonly name: string;
  /** BPF_PROG_TYPE_ in lower case; of maps BPF_MAP_TYPE_. */
  readonly type: string;
  /** As the kernel runs them: after the verifier's rewriting. */
  readonly instructions: number;
  readonly memoryBytes: number;
  /** Packets and time while the kernel counted them; null while it does not (kernel.bpf_stats_enabled). */
  readonly runs: number | null;
  readonly runNs: number | null;
};
export type MapFacts = {
  readonly name: string;
  readonly type: string;
  readonly maxEntries: number;
  /** Null where nobody keeps count; of a ring buffer bytes, of a side of the flows those found when it was last emptied. */
  readonly entries: number | null;
  readonly memoryBytes: number;
};

/** The loaded programs of one process. Everything is released by close() and by the death of the process. */
export interface Engine {
  /**
   * Attaches one interface, exactly one hook per direction. `egress` is `mode` unless given, and TCX beside XDP.
   * All are gone with the engine or its process, but for the clsact filter of a killed process: the next attach
   * by clsact replaces it in place. Throws BpfError, and then nothing is attached.
   */
  attach(ifindex: number, mode: AttachMode, egress?: EgressMode): void;
  /**
   * Whether the kernel still has what attach() attached: not after the device went away, also to another network
   * namespace and back, nor when another process took it off.
   */
  attached(ifindex: number): boolean;
  /** Detaches; the interface's counters stay readable until the next attach of another one. Idempotent. */
  detach(ifindex: number): void;
  /** Replaces N and snaplen for all interfaces at once; records carry the N they were taken with. */
  setSampling(sampling: { sampleN: number; snaplen: number }): void;
  /** Replaces the set of TCP endpoints that are Sonde's own. At most 256. */
  setOwnEndpoints(endpoints: readonly Endpoint[]): void;
  /**
   * Replaces all filters at once, in one context after the other; each swap is atomic. Throws BpfError: LOAD with
   * the verifier's log, INVALID; nothing is changed then.
   */
  setFilters(set: FilterSet): FilterReport;
  /** What the next set must be translated for (translateFilters), or what replaces programs of the present one. */
  filterTarget(of?: "next" | "present"): FilterTarget;
  /**
   * As setFilters(), off this thread: one at a time, and not with setFilters() beside it. `rates` one per filter,
   * instead of those the set was translated with. Rejects with BpfError: LOAD with the verifier's log, INVALID, or
   * BUSY when another set came between; nothing is changed then.
   */
  loadFilters(translated: TranslatedFilters, rates: readonly Rate[]): Promise<FilterReport>;
  /**
   * Replaces the programs of the set in force, off this thread: number, bits, rates and counters go on. `translated`
   * for the present target. Rejects as loadFilters(): BUSY when it is not of the set in force.
   */
  replaceFilters(translated: TranslatedFilters): Promise<FilterReport>;
  /**
   * Replaces the rates of the set in force, one per filter, or the built-in set's one. No program changes; records
   * carry the N they were taken with. Throws BpfError INVALID.
   */
  setRates(rates: readonly Rate[]): void;
  /**
   * Totals since the engine was opened, summed over CPUs: u64 CLOCK_BOOTTIME ns, u32 row count, u32 zero,
   * then rows of 416 bytes (abi.h: struct sonde_counter_row), one per interface and direction.
   */
  readCounters(): ArrayBuffer;
  /**
   * The same header, then rows of 48 bytes (abi.h: struct sonde_filter_row), one per filter of the set in force,
   * of the set before it, and of the built-in set 0; totals since that set was put in.
   */
  readFilterCounters(): ArrayBuffer;
  /**
   * What was counted by flow since the last drain: the same header, then rows of 104 bytes (abi.h: struct sonde_flow,
   * end reason 0). A flow may come in several rows. Waits until no packet is at the old side, off this thread. Throws
   * BpfError, BUSY while another drain runs.
   */
  drainFlows(): Promise<ArrayBuffer>;
  /** What of it is in the kernel now; null while filters are being loaded. Throws BpfError. */
  describe(): { readonly programs: readonly ProgramFacts[]; readonly maps: readonly MapFacts[] } | null;
  /**
   * Runs packets through an engine opened with `replay`, as if each came in at its time (CLOCK_BOOTTIME ns) on
   * interface 1. `refused` are those the kernel takes no test run of. Throws BpfError.
   */
  inject(
    packets: PackedPackets,
    times: BigUint64Array,
    where: { readonly hook: TestHook; readonly linkType: LinkType },
  ): { readonly ran: number; readonly refused: number };
  /** Starts the reader thread; before it, and after stop(), what matches is counted as "no reader". Throws when it runs already. */
  start(listener: BatchListener, options?: ReaderOptions): void;
  /**
   * Gives a batch back, the very object that the listener got: from then on it and its buffer show bytes of later
   * batches. False, and nothing done: it was given back before, or is not of the newest start(). Also after close().
   */
  release(batch: Uint8Array): boolean;
  /** Stops the reader after it has drained the ring; the last batches reach the listener before this resolves. */
  stop(): Promise<void>;
  /** Stops, detaches and frees. Harmless when repeated. */
  close(): Promise<void>;
}

/** A classic BPF instruction (linux/filter.h): opcode, jump offsets for true and false, 32-bit operand. */
export type ClassicInstruction = { readonly code: number; readonly jt: number; readonly jf: number; readonly k: number };

/** One capture filter, compiled for each link type. Programs must have been verified where they came in. */
export type Filter = {
  readonly ethernet: readonly ClassicInstruction[];
  readonly raw: readonly ClassicInstruction[];
  /** 1 in N. */
  readonly sampleN: number;
  /** Captured bytes, 0–4096. */
  readonly snaplen: number;
};

/** 1 in N, and the captured bytes, 0–4096. */
export type Rate = Pick<Filter, "sampleN" | "snaplen">;

/** 1 to 64 filters under a number of their own, or number 0 without filters: the built-in "everything". */
export type FilterSet = { readonly number: number; readonly filters: readonly Filter[] };

/** The engine a set is translated for, and the place it will have there. */
export type FilterTarget = { readonly slot: 0 | 1; readonly xdpHelpers: boolean; readonly sockets: boolean };

/** A set as eBPF programs, one per context; can be handed to another thread. */
export type TranslatedFilters = {
  readonly number: number;
  readonly slot: 0 | 1;
  /** Of its filters. */
  readonly count: number;
  readonly programs: readonly Uint8Array[];
};

/** What the kernel made of a set of filters, per context a match program runs in. */
export type FilterReport = {
  readonly contexts: readonly {
    readonly context: "tc-ethernet" | "tc-raw" | "xdp-ethernet" | "xdp-raw" | "socket-ethernet" | "socket-raw";
    /** eBPF instructions of the match program. */
    readonly instructions: number;
    /** Instructions the verifier walked through; 0 where the kernel does not tell (before 5.16). */
    readonly verified: number;
  }[];
};

export type TestHook = "tc" | "xdp";
export type LinkType = "ethernet" | "raw";

/** A captured packet and the length it had on the wire. */
export type TestPacket = { readonly bytes: Uint8Array; readonly wireLen: number };

/** Packets laid out for the addon once, to be run many times (packPackets). */
export type PackedPackets = { readonly bytes: Uint8Array; readonly lengths: Uint32Array };

export type TestResult =
  | {
      readonly ran: true;
      /** Bit per filter. */
      readonly matched: bigint;
      /** struct sonde_record (abi.h): what the parser saw. Its first fields up to the masks are of an emitted record only, but for wire_len and ifindex. */
      readonly record: Uint8Array;
      /** struct sonde_tunnel (abi.h) when the record's flags say so. */
      readonly tunnel: Uint8Array | null;
    }
  /** The kernel takes no test run of this packet: too long for the hook. */
  | { readonly ran: false; readonly errno: number; readonly reason: string };

/** A second instance of the programs, with maps of its own and attached to nothing: packets run through it by BPF_PROG_RUN. */
export interface TestRun {
  /** Replaces the filters. Throws BpfError LOAD with the verifier's log; nothing is changed then. */
  setFilters(filters: readonly Filter[]): FilterReport;
  /** One result per packet, in order. */
  run(packets: readonly TestPacket[] | PackedPackets, where: { readonly hook: TestHook; readonly linkType: LinkType }): TestResult[];
  /** Frees everything. Idempotent. */
  close(): void;
}

/** An instance as it runs on a host, attached to nothing, to find out what filters cost. */
export interface CostRun {
  /** Replaces the filters. Throws BpfError LOAD with the verifier's log; nothing is changed then. */
  setFilters(filters: readonly Filter[] | TranslatedFilters): FilterReport;
  /**
   * What one packet costs, ns, the mean of `repeat` runs in a row: parse, account and match. The frame begins with
   * its Ethernet header, and is one the kernel takes for test runs as it is. Throws BpfError.
   */
  measure(hook: TestHook, frame: Uint8Array, repeat: number): number;
  /** Frees everything. Idempotent. */
  close(): void;
}
