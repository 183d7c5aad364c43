import { type BatchKindName, batchKinds, headerAt, stampBatch, viewOf } from "@sonde/protocol";
import type { Sampling } from "../sampling.ts";
import { type Entry, Lane } from "./lane.ts";

export type Outgoing = { readonly kind: BatchKindName; readonly sequence: bigint; readonly bytes: Uint8Array | ArrayBuffer };
export type Committed = Readonly<Record<BatchKindName, bigint>>;
/** Kinds whose batches cover an interval, which grows while they cannot be queued. */
type IntervalKind = "counters" | "filterCounters";
/** Kinds whose batches are dropped, and counted, when there is no room. */
type LossyKind = Exclude<BatchKindName, IntervalKind>;

export type QueueOptions = {
  readonly hostId: string;
  readonly bootId: string;
  readonly stream: bigint;
  readonly sampleN: number;
  readonly snaplen: number;
  /** Record batches held, sent and unsent, with their bookkeeping. Default 32 MiB. */
  readonly maxRecordBytes?: number;
  /** Flow batches held, likewise. Default 16 MiB: 160,000 flow records. */
  readonly maxFlowBytes?: number;
  /** Counter batches held before intervals grow instead: at one a second, a minute. Default 60. */
  readonly maxCounterBatches?: number;
  /** Called with a record batch once nothing can read them any more. */
  readonly release?: (batch: Uint8Array) => void;
};

export type QueueStats = {
  /** Bytes of batches held, bookkeeping included. */
  readonly bytes: number;
  /** Batches on the wire without an answer. */
  readonly inFlight: number;
  /** Batches held, sent or not. */
  readonly held: number;
  /** Of them those that name interfaces: counters and flows. */
  readonly heldNaming: number;
  /** Records dropped here since the stream began. */
  readonly queueLost: bigint;
  /** Records in batches that the hub refused for good since the stream began. */
  readonly refused: bigint;
  /** The same of flow records. */
  readonly flowsLost: bigint;
  readonly flowsRefused: bigint;
};

/** What is exact leaves before what is a sample (SPEC 4.8). */
const order = ["counters", "filterCounters", "flows", "records"] as const satisfies readonly BatchKindName[];

/** What one held batch costs beside its bytes: entry, buffer object and its place in the list. */
const ENTRY_BYTES = 256;

/**
 * The bounded queue between capture and uplink (SPEC section 4). Pure: no clock, no timers, no sockets.
 * Record and flow batches: when full, the oldest never sent are dropped and their records counted.
 * Counter and filter counter batches: never dropped; when full they are not taken, and the caller's interval grows.
 */
export class BatchQueue {
  readonly #lanes: Record<BatchKindName, Lane> = {
    records: new Lane(),
    counters: new Lane(),
    flows: new Lane(),
    filterCounters: new Lane(),
  };
  readonly #identity: { readonly hostId: string; readonly bootId: string };
  readonly #maxBytes: Record<LossyKind, number>;
  readonly #maxCounterBatches: number;
  readonly #giveBack: (batch: Uint8Array) => void;
  #sampling: Sampling;
  #stream: bigint;
  #bytes: Record<BatchKindName, number> = { records: 0, counters: 0, flows: 0, filterCounters: 0 };
  #ringLost = 0n;
  #ringLostBefore = 0n;
  /** Records and flow records since the stream began. */
  #lost: Record<LossyKind, bigint> = { records: 0n, flows: 0n };
  #refused: Record<LossyKind, bigint> = { records: 0n, flows: 0n };

  constructor(options: QueueOptions) {
    this.#identity = { hostId: options.hostId, bootId: options.bootId };
    this.#stream = options.stream;
    this.#sampling = { sampleN: options.sampleN, snaplen: options.snaplen };
    this.#maxBytes = { records: options.maxRecordBytes ?? 32 * 1024 * 1024, flows: options.maxFlowBytes ?? 16 * 1024 * 1024 };
    this.#maxCounterBatches = options.maxCounterBatches ?? 60;
    this.#giveBack = options.release ?? (() => undefined);
  }

  get stream(): bigint {
    return this.#stream;
  }

  get stats(): QueueStats {
    const lanes = Object.values(this.#lanes);
    return {
      bytes: Object.values(this.#bytes).reduce((sum, bytes) => sum + bytes),
      inFlight: lanes.reduce((sum, lane) => sum + lane.cursor, 0),
      held: lanes.reduce((sum, lane) => sum + lane.length, 0),
      heldNaming: this.#lanes.counters.length + this.#lanes.flows.length,
      queueLost: this.#lost.records,
      refused: this.#refused.records,
      flowsLost: this.#lost.flows,
      flowsRefused: this.#refused.flows,
    };
  }

  /** What batches pushed from now on are stamped with. */
  setSampling({ sampleN, snaplen }: Sampling): void {
    this.#sampling = { sampleN, snaplen };
  }

  /** Records lost in the ring since the capture began; the next first-sent batches carry it. */
  setRingLost(total: bigint): void {
    this.#ringLost = total;
  }

  /** Takes one record batch; drops the oldest never sent, at last this one, while over the bound (SPEC 4.5). */
  pushRecords(bytes: Uint8Array, records: number): void {
    this.#hold("records", bytes, records);
    this.#drop("records");
  }

  /** Takes flow batches and answers those that were dropped for them, which nobody will get (SPEC 4.7). */
  pushFlows(batches: readonly ArrayBuffer[]): readonly ArrayBuffer[] {
    for (const bytes of batches) this.#hold("flows", bytes, viewOf(bytes).getUint32(headerAt.count, true));
    return this.#drop("flows");
  }

  /** Takes all the counter batches of one reading, or none (false) when full. `force` takes them anyway. */
  pushCounters(batches: readonly ArrayBuffer[], force: boolean): boolean {
    return this.#pushInterval("counters", batches, force);
  }

  /** The same for the counters of filters. */
  pushFilterCounters(batches: readonly ArrayBuffer[], force: boolean): boolean {
    return this.#pushInterval("filterCounters", batches, force);
  }

  /** The next batch to send while fewer than `window` are in flight; stamped when it is its first time. */
  next(window: number): Outgoing | null {
    if (this.stats.inFlight >= window) return null;
    for (const kind of order) {
      const taken = this.#take(kind);
      if (taken !== null) return taken;
    }
    return null;
  }

  /** The hub has committed a batch. Harmless when it is not held any more. */
  acknowledge(kind: BatchKindName, sequence: bigint): void {
    const entry = this.#lanes[kind].settle(sequence);
    if (entry !== null) this.#forget(kind, entry, 1);
  }

  /** The hub refused a batch for good (SPEC 4.2): it is not sent again. */
  refuse(kind: BatchKindName, sequence: bigint): void {
    const entry = this.#lanes[kind].settle(sequence);
    if (entry === null) return;
    this.#forget(kind, entry, 1);
    if (kind === "records" || kind === "flows") this.#refused[kind] += BigInt(entry.records);
  }

  /** Nothing is in flight any more: all unacknowledged batches are sent again, in order. */
  rewind(): void {
    for (const lane of Object.values(this.#lanes)) lane.cursor = 0;
  }

  /**
   * Starts a connection from what the hub has committed of this stream (SPEC 3.2). False when the hub
   * lacks a batch that is gone here, or names one never sent: only `restart` helps then.
   */
  resume(committed: Committed): boolean {
    for (const kind of batchKinds) {
      for (const entry of this.#lanes[kind].settleThrough(committed[kind])) this.#forget(kind, entry, 0);
    }
    return batchKinds.every((kind) => this.#lanes[kind].follows(committed[kind]));
  }

  /** Carries everything held over into a new stream, with new sequences and losses counted from zero. */
  restart(stream: bigint): void {
    this.#stream = stream;
    this.#ringLostBefore = this.#ringLost;
    this.#lost = { records: 0n, flows: 0n };
    this.#refused = { records: 0n, flows: 0n };
    for (const lane of Object.values(this.#lanes)) lane.restart();
  }

  #pushInterval(kind: IntervalKind, batches: readonly ArrayBuffer[], force: boolean): boolean {
    if (!force && this.#lanes[kind].waiting.length >= this.#maxCounterBatches) return false;
    for (const bytes of batches) this.#hold(kind, bytes, 0);
    return true;
  }

  #drop(kind: LossyKind): readonly ArrayBuffer[] {
    const dropped: ArrayBuffer[] = [];
    while (this.#bytes[kind] > this.#maxBytes[kind]) {
      const entry = this.#lanes[kind].waiting.shift();
      if (entry === undefined) break; // only sent batches are left, and those may be committed already
      this.#lost[kind] += BigInt(entry.records);
      if (entry.bytes instanceof ArrayBuffer) dropped.push(entry.bytes);
      this.#forget(kind, entry, 0);
    }
    return dropped;
  }

  #hold(kind: BatchKindName, bytes: Uint8Array | ArrayBuffer, records: number): void {
    this.#lanes[kind].waiting.push({ bytes, records, ...this.#sampling, sequence: 0n, sends: 0 });
    this.#bytes[kind] += bytes.byteLength + ENTRY_BYTES;
  }

  /**
   * Gives the bytes of records back when they were put on the wire as often as has been answered for. Otherwise a
   * socket may still hold them, of a connection that ended or for a second time: then they are the collector's.
   */
  #forget(kind: BatchKindName, { bytes, sends }: Entry, answered: 0 | 1): void {
    this.#bytes[kind] -= bytes.byteLength + ENTRY_BYTES;
    if (bytes instanceof Uint8Array && sends === answered) this.#giveBack(bytes);
  }

  #take(kind: BatchKindName): Outgoing | null {
    const taken = this.#lanes[kind].take();
    if (taken === null) return null;
    const { entry, first } = taken;
    if (first) {
      stampBatch(viewOf(entry.bytes), {
        ...this.#identity,
        stream: this.#stream,
        sequence: entry.sequence,
        sampleN: entry.sampleN,
        snaplen: entry.snaplen,
        ringLost: kind === "flows" ? 0n : this.#ringLost - this.#ringLostBefore,
        queueLost: this.#lost[kind === "flows" ? "flows" : "records"],
      });
    }
    return { kind, sequence: entry.sequence, bytes: entry.bytes };
  }
}
