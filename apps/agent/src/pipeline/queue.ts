import { type BatchKindName, batchKinds, headerAt, viewOf } from "@sonde/protocol";
import type { Entry, KeptStream, LossyKind } from "../kept.ts";
import type { Sampling } from "../sampling.ts";
import { Lane } from "./lane.ts";
import type { Committed, IntervalKind, Outgoing, QueueOptions, QueueStats } from "./queue-types.ts";
import { stampEntry } from "./stamp.ts";

/** What is exact leaves before what is a sample (SPEC 4.8). */
export const sendOrder = ["counters", "filterCounters", "flows", "records"] as const satisfies readonly BatchKindName[];

/** What one held batch costs beside its bytes: entry, buffer object and its place in the list. */
const ENTRY_BYTES = 256;

/** A lane that waits in memory for more than this part of its bound goes to disk, though the hub is there. */
const MEMORY_SHARE = 4;

/**
 * The bounded queue between capture and uplink (SPEC section 4). Pure: no clock, no timers, no sockets.
 * Record and flow batches: when full, the oldest never sent are dropped and their records counted.
 * Counter and filter counter batches: never dropped; when full they are not taken, and the caller's interval grows.
 * With a place on disk batches go there while the hub is away, or slower than they come, and come back from it last.
 */
export class BatchQueue {
  readonly #lanes: Readonly<Record<BatchKindName, Lane>>;
  readonly #kept: KeptStream | null;
  #away = false;
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
  #cut = 0n;
  #refused: Record<LossyKind, bigint> = { records: 0n, flows: 0n };

  constructor(options: QueueOptions) {
    this.#identity = { hostId: options.hostId, bootId: options.bootId };
    this.#stream = options.stream;
    this.#sampling = { sampleN: options.sampleN, snaplen: options.snaplen };
    this.#maxBytes = { records: options.maxRecordBytes ?? 32 * 1024 * 1024, flows: options.maxFlowBytes ?? 16 * 1024 * 1024 };
    this.#maxCounterBatches = options.maxCounterBatches ?? 60;
    this.#giveBack = options.release ?? (() => undefined);
    this.#kept = options.kept ?? null;
    const lane = (kind: BatchKindName): Lane => new Lane(this.#kept?.chains[kind] ?? null);
    this.#lanes = { records: lane("records"), counters: lane("counters"), flows: lane("flows"), filterCounters: lane("filterCounters") };
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
      queueLost: this.#losses.records,
      cut: this.#cut,
      refused: this.#refused.records,
      flowsLost: this.#losses.flows,
      flowsRefused: this.#refused.flows,
    };
  }

  /** Batches in flight that came from disk. */
  get keptInFlight(): number {
    return Object.values(this.#lanes).reduce((sum, lane) => sum + lane.keptInFlight, 0);
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
    this.#keep("records");
    this.#drop("records");
  }

  /** So many records were left out of batches, for nothing selects them any more; counted with those dropped here. */
  cutRecords(records: number): void {
    if (records === 0) return;
    this.#cut += BigInt(records);
    this.#lose("records", records);
  }

  /** Takes flow batches and answers those that were dropped for them, which nobody will get (SPEC 4.7). */
  pushFlows(batches: readonly ArrayBuffer[]): readonly ArrayBuffer[] {
    for (const bytes of batches) this.#hold("flows", bytes, viewOf(bytes).getUint32(headerAt.count, true));
    this.#keep("flows");
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

  /** The next batch to send while fewer than `window` are in flight; stamped when it is its first time. What is on disk comes by nextKept(). */
  next(window: number): Outgoing | null {
    if (this.stats.inFlight >= window) return null;
    for (const kind of sendOrder) {
      const lane = this.#lanes[kind];
      const again = lane.again();
      if (again !== null) return this.#outgoing(kind, again);
      const entry = lane.take();
      if (entry === null) continue;
      this.#stamp(kind, entry);
      return this.#outgoing(kind, entry);
    }
    return null;
  }

  /** The next batch to send of those on disk. */
  nextKept(): Outgoing | null {
    for (const kind of sendOrder) {
      const entry = this.#lanes[kind].takeKept((taken) => stampEntry(taken, this.#facts(kind)));
      if (entry === null) continue;
      this.#bytes[kind] += entry.bytes.byteLength + ENTRY_BYTES;
      return this.#outgoing(kind, entry);
    }
    return null;
  }

  /** Batches wait on disk. */
  get keeps(): boolean {
    return this.#kept !== null && batchKinds.some((kind) => (this.#kept?.chains[kind].waiting ?? 0) > 0);
  }

  /** The hub is away, or back. While it is away, what comes goes to disk, and so does all that is here already. */
  setAway(away: boolean): void {
    this.#away = away;
    if (away) this.secure();
  }

  /** Writes to disk whatever is in memory alone, also what was sent and not answered, so that this process may end. */
  secure(): void {
    for (const kind of batchKinds) {
      const lane = this.#lanes[kind];
      for (const entry of lane.sent) entry.place ??= lane.kept?.append(entry, true) ?? null;
      this.#spill(kind);
    }
  }

  /** The last act: what can be kept is on disk, and what cannot, and was never sent, is counted as lost. */
  park(): void {
    this.setAway(true);
    for (const kind of ["records", "flows"] as const) {
      const { waiting } = this.#lanes[kind];
      for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
        this.#lose(kind, entry.records);
        this.#forget(kind, entry, 0);
      }
    }
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
    this.#cut = 0n;
    this.#kept?.restart(stream);
    this.#refused = { records: 0n, flows: 0n };
    for (const lane of Object.values(this.#lanes)) lane.restart();
  }

  #pushInterval(kind: IntervalKind, batches: readonly ArrayBuffer[], force: boolean): boolean {
    const { waiting } = this.#lanes[kind];
    if (waiting.length >= this.#maxCounterBatches) this.#spill(kind);
    if (!force && waiting.length >= this.#maxCounterBatches) return false;
    for (const bytes of batches) this.#hold(kind, bytes, 0);
    if (this.#away) this.#spill(kind);
    return true;
  }

  /** Moves what waits in memory to disk when it should not wait there. */
  #keep(kind: LossyKind): void {
    if (this.#away || this.#bytes[kind] > this.#maxBytes[kind] / MEMORY_SHARE) this.#spill(kind);
  }

  /** Moves what was never sent to disk, the oldest first, as far as there is room. */
  #spill(kind: BatchKindName): void {
    const { waiting, kept } = this.#lanes[kind];
    for (let entry = waiting.first; kept !== null && entry !== undefined; entry = waiting.first) {
      this.#stamp(kind, entry);
      if (kept.append(entry, false) === null) return;
      waiting.shift();
      this.#forget(kind, entry, 0);
    }
  }

  #drop(kind: LossyKind): readonly ArrayBuffer[] {
    const dropped: ArrayBuffer[] = [];
    while (this.#bytes[kind] > this.#maxBytes[kind]) {
      const entry = this.#lanes[kind].waiting.shift();
      if (entry === undefined) break; // only sent batches are left, and those may be committed already
      this.#lose(kind, entry.records);
      if (entry.bytes instanceof ArrayBuffer) dropped.push(entry.bytes);
      this.#forget(kind, entry, 0);
    }
    return dropped;
  }

  #hold(kind: BatchKindName, bytes: Uint8Array | ArrayBuffer, records: number): void {
    const lent = bytes instanceof Uint8Array;
    this.#lanes[kind].waiting.push({ bytes, records, ...this.#sampling, lent, sequence: 0n, sends: 0, place: null });
    this.#bytes[kind] += bytes.byteLength + ENTRY_BYTES;
  }

  /**
   * Gives the bytes of records back when they were put on the wire as often as has been answered for. Otherwise a
   * socket may still hold them, of a connection that ended or for a second time: then they are the collector's.
   */
  #forget(kind: BatchKindName, { bytes, sends, lent, place }: Entry, answered: 0 | 1): void {
    this.#bytes[kind] -= bytes.byteLength + ENTRY_BYTES;
    place?.done();
    if (lent && bytes instanceof Uint8Array && sends === answered) this.#giveBack(bytes);
  }

  #lose(kind: LossyKind, records: number): void {
    if (this.#kept === null) this.#lost[kind] += BigInt(records);
    else this.#kept.lose(kind, records);
  }

  #outgoing(kind: BatchKindName, { sequence, bytes }: Entry): Outgoing {
    return { kind, stream: this.#stream, sequence, bytes };
  }

  #stamp(kind: BatchKindName, entry: Entry): void {
    stampEntry(entry, { ...this.#facts(kind), ringLost: kind === "flows" ? 0n : this.#ringLost - this.#ringLostBefore });
  }

  #facts(kind: BatchKindName) {
    return { ...this.#identity, stream: this.#stream, queueLost: this.#losses[kind === "flows" ? "flows" : "records"] };
  }

  /** Dropped since the stream began. */
  get #losses(): Readonly<Record<LossyKind, bigint>> {
    return this.#kept?.lost ?? this.#lost;
  }
}
