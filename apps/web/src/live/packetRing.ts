import { BATCH_HEADER_BYTES, RECORD_HEADER_BYTES } from "@sonde/protocol";
import { recLen } from "../domain/record.ts";
import type { RecordRef } from "../domain/record.ts";

type Kept = { readonly view: DataView; readonly rows: number };
export type RingLimits = { readonly rows: number; readonly bytes: number };

/**
 * The last records, by number, over the bytes of the batches they came in. Two typed arrays per row,
 * no object per record; whole batches are let go once their rows are past or the byte limit is met.
 */
export class PacketRing {
  readonly #limits: RingLimits;
  readonly #batchOf: Uint32Array;
  readonly #offsetOf: Uint32Array;
  readonly #batches = new Map<number, Kept>();
  #oldestBatch = 0;
  #nextBatch = 0;
  #bytes = 0;
  #first: number;
  #end: number;

  /** Rows are numbered from `start`. */
  constructor(limits: RingLimits, start = 0) {
    this.#limits = limits;
    this.#batchOf = new Uint32Array(limits.rows);
    this.#offsetOf = new Uint32Array(limits.rows);
    this.#first = start;
    this.#end = start;
  }

  /** Number of the oldest row held. */
  get first(): number {
    return this.#first;
  }
  /** Number the next row will get. */
  get end(): number {
    return this.#end;
  }

  /** Adds all records of a batch that checkBatch accepted with this count. */
  append(view: DataView, count: number): void {
    if (count === 0) return;
    const id = this.#nextBatch++;
    this.#batches.set(id, { view, rows: count });
    this.#bytes += view.byteLength;
    let at = BATCH_HEADER_BYTES;
    for (let i = 0; i < count && at + RECORD_HEADER_BYTES <= view.byteLength; i++) {
      const slot = this.#end % this.#limits.rows;
      this.#batchOf[slot] = id;
      this.#offsetOf[slot] = at;
      this.#end++;
      at += recLen({ view, at });
    }
    this.#first = Math.max(this.#first, this.#end - this.#limits.rows);
    this.#letGo();
  }

  #letGo(): void {
    const oldestNeeded = (): number => this.#batchOf[this.#first % this.#limits.rows] ?? 0;
    while (this.#oldestBatch < oldestNeeded() || (this.#bytes > this.#limits.bytes && this.#batches.size > 1)) {
      const id = this.#oldestBatch++;
      const gone = this.#batches.get(id);
      if (gone === undefined) continue;
      this.#batches.delete(id);
      this.#bytes -= gone.view.byteLength;
      while (this.#first < this.#end && oldestNeeded() <= id) this.#first++;
    }
  }

  /** The record of a row, or null when it is past or not there yet. */
  at(row: number): RecordRef | null {
    if (row < this.#first || row >= this.#end) return null;
    const slot = row % this.#limits.rows;
    const kept = this.#batches.get(this.#batchOf[slot] ?? -1);
    const offset = this.#offsetOf[slot];
    return kept === undefined || offset === undefined ? null : { view: kept.view, at: offset };
  }

  /**
   * Takes over everything `newer` holds, whose rows continue this ring's numbering. When `newer` has
   * already let rows go, nothing of this ring can stay without a hole: the caller uses `newer` alone.
   */
  absorb(newer: PacketRing): PacketRing {
    if (newer.first > this.#end) return newer;
    for (let id = newer.#oldestBatch; id < newer.#nextBatch; id++) {
      const kept = newer.#batches.get(id);
      if (kept !== undefined) this.append(kept.view, kept.rows);
    }
    return this;
  }
}
