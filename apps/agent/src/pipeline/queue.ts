import { stampBatch, viewOf } from "@sonde/protocol";
import { type Entry, Lane } from "./lane.ts";

export type Kind = "records" | "counters";
export type Outgoing = { readonly kind: Kind; readonly sequence: bigint; readonly bytes: ArrayBuffer };
export type Committed = { readonly records: bigint; readonly counters: bigint };

export type QueueOptions = {
  readonly hostId: string;
  readonly bootId: string;
  readonly stream: bigint;
  readonly sampleN: number;
  readonly snaplen: number;
  /** Record batches held, sent and unsent, with their bookkeeping. Default 32 MiB. */
  readonly maxRecordBytes?: number;
  /** Counter batches held before intervals grow instead: at one a second, a minute. Default 60. */
  readonly maxCounterBatches?: number;
};

export type QueueStats = {
  /** Bytes of batches held, bookkeeping included. */
  readonly bytes: number;
  /** Batches on the wire without an answer. */
  readonly inFlight: number;
  /** Batches held, sent or not. */
  readonly held: number;
  readonly heldCounters: number;
  /** Records dropped here since the stream began. */
  readonly queueLost: bigint;
  /** Records in batches that the hub refused for good since the stream began. */
  readonly refused: bigint;
};

/** What one held batch costs beside its bytes: entry, buffer object and its place in the list. */
const ENTRY_BYTES = 256;

/**
 * The bounded queue between capture and uplink (SPEC section 4). Pure: no clock, no timers, no sockets.
 * Record batches: when full, the oldest never sent are dropped and their records counted.
 * Counter batches: never dropped; when full they are not taken, and the caller's interval grows.
 */
export class BatchQueue {
  readonly #lanes: Record<Kind, Lane> = { records: new Lane(), counters: new Lane() };
  readonly #identity: { readonly hostId: string; readonly bootId: string };
  readonly #maxRecordBytes: number;
  readonly #maxCounterBatches: number;
  #sampling: { readonly sampleN: number; readonly snaplen: number };
  #stream: bigint;
  #bytes: Record<Kind, number> = { records: 0, counters: 0 };
  #ringLost = 0n;
  #ringLostBefore = 0n;
  #queueLost = 0n;
  #refused = 0n;

  constructor(options: QueueOptions) {
    this.#identity = { hostId: options.hostId, bootId: options.bootId };
    this.#stream = options.stream;
    this.#sampling = { sampleN: options.sampleN, snaplen: options.snaplen };
    this.#maxRecordBytes = options.maxRecordBytes ?? 32 * 1024 * 1024;
    this.#maxCounterBatches = options.maxCounterBatches ?? 60;
  }

  get stream(): bigint {
    return this.#stream;
  }

  get stats(): QueueStats {
    const { records, counters } = this.#lanes;
    return {
      bytes: this.#bytes.records + this.#bytes.counters,
      inFlight: records.cursor + counters.cursor,
      held: records.length + counters.length,
      heldCounters: counters.length,
      queueLost: this.#queueLost,
      refused: this.#refused,
    };
  }

  /** What batches pushed from now on are stamped with. */
  setSampling(sampling: { readonly sampleN: number; readonly snaplen: number }): void {
    this.#sampling = { sampleN: sampling.sampleN, snaplen: sampling.snaplen };
  }

  /** Records lost in the ring since the capture began; the next first-sent batches carry it. */
  setRingLost(total: bigint): void {
    this.#ringLost = total;
  }

  /** Takes one record batch; drops the oldest never sent, at last this one, while over the bound (SPEC 4.5). */
  pushRecords(bytes: ArrayBuffer, records: number): void {
    this.#hold("records", bytes, records);
    while (this.#bytes.records > this.#maxRecordBytes) {
      const dropped = this.#lanes.records.waiting.shift();
      if (dropped === undefined) return; // only sent batches are left, and those may be committed already
      this.#release("records", dropped);
      this.#queueLost += BigInt(dropped.records);
    }
  }

  /** Takes all the counter batches of one reading, or none (false) when full. `force` takes them anyway. */
  pushCounters(batches: readonly ArrayBuffer[], force: boolean): boolean {
    if (!force && this.#lanes.counters.waiting.length >= this.#maxCounterBatches) return false;
    for (const bytes of batches) this.#hold("counters", bytes, 0);
    return true;
  }

  /** The next batch to send while fewer than `window` are in flight, counters first; stamped when it is its first time. */
  next(window: number): Outgoing | null {
    const { counters, records } = this.#lanes;
    if (counters.cursor + records.cursor >= window) return null;
    return this.#take("counters") ?? this.#take("records");
  }

  /** The hub has committed a batch. Harmless when it is not held any more. */
  acknowledge(kind: Kind, sequence: bigint): void {
    const entry = this.#lanes[kind].settle(sequence);
    if (entry !== null) this.#release(kind, entry);
  }

  /** The hub refused a batch for good (SPEC 4.2): it is not sent again. */
  refuse(kind: Kind, sequence: bigint): void {
    const entry = this.#lanes[kind].settle(sequence);
    if (entry === null) return;
    this.#release(kind, entry);
    this.#refused += BigInt(entry.records);
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
    for (const kind of ["records", "counters"] as const) {
      for (const entry of this.#lanes[kind].settleThrough(committed[kind])) this.#release(kind, entry);
    }
    return this.#lanes.records.follows(committed.records) && this.#lanes.counters.follows(committed.counters);
  }

  /** Carries everything held over into a new stream, with new sequences and losses counted from zero. */
  restart(stream: bigint): void {
    this.#stream = stream;
    this.#ringLostBefore = this.#ringLost;
    this.#queueLost = 0n;
    this.#refused = 0n;
    for (const lane of Object.values(this.#lanes)) lane.restart();
  }

  #hold(kind: Kind, bytes: ArrayBuffer, records: number): void {
    this.#lanes[kind].waiting.push({ bytes, records, ...this.#sampling, sequence: 0n });
    this.#bytes[kind] += bytes.byteLength + ENTRY_BYTES;
  }

  #release(kind: Kind, entry: Entry): void {
    this.#bytes[kind] -= entry.bytes.byteLength + ENTRY_BYTES;
  }

  #take(kind: Kind): Outgoing | null {
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
        ringLost: this.#ringLost - this.#ringLostBefore,
        queueLost: this.#queueLost,
      });
    }
    return { kind, sequence: entry.sequence, bytes: entry.bytes };
  }
}
