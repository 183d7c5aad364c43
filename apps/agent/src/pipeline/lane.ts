import type { Chain, Entry } from "../kept.ts";
import { Fifo } from "./fifo.ts";

/**
 * The batches of one kind in order: `sent` (have a sequence, unacknowledged), of which the first
 * `cursor` are in flight on this connection, then `waiting` (never sent); what is kept on disk beside them.
 */
export class Lane {
  readonly sent: Entry[] = [];
  readonly waiting = new Fifo<Entry>();
  readonly kept: Chain | null;
  cursor = 0;
  #next = 1n;

  constructor(kept: Chain | null = null) {
    this.kept = kept;
  }

  /** Batches held, sent or not, in memory or on disk. */
  get length(): number {
    return this.sent.length + this.waiting.length + (this.kept?.waiting ?? 0);
  }

  /** Batches in flight that were read from disk or are secured there. */
  get keptInFlight(): number {
    let count = 0;
    for (let i = 0; i < this.cursor; i++) if (this.sent[i]?.place !== null) count++;
    return count;
  }

  /** What must be sent again, next in order. */
  again(): Entry | null {
    const entry = this.sent[this.cursor];
    if (entry === undefined) return null;
    this.cursor++;
    entry.sends++;
    return entry;
  }

  /** The oldest in memory that was never sent; it gets its sequence here. */
  take(): Entry | null {
    const entry = this.waiting.shift();
    return entry === undefined ? null : this.#begin(entry);
  }

  /** The oldest on disk that was never sent, likewise; `stamp` writes its sequence. Null when the disk refuses it, or something must be sent again first. */
  takeKept(stamp: (entry: Entry) => void): Entry | null {
    if (this.cursor < this.sent.length) return null;
    const entry = this.kept?.peek() ?? null;
    if (entry === null) return null;
    entry.sequence = this.#next;
    stamp(entry);
    if (entry.place?.stamp() === false) return null; // unmarked, a crash would send it twice
    this.kept?.shift();
    return this.#begin(entry);
  }

  /** Removes one sent batch; null when it is not held (any more). */
  settle(sequence: bigint): Entry | null {
    const at = this.sent.findIndex((entry) => entry.sequence === sequence);
    if (at < 0) return null;
    if (at < this.cursor) this.cursor--;
    return this.sent.splice(at, 1)[0] ?? null;
  }

  /** Removes all batches up to and including `committed`, and has the rest resent. */
  settleThrough(committed: bigint): Entry[] {
    this.cursor = 0;
    const keep = this.sent.findIndex((entry) => entry.sequence > committed);
    return this.sent.splice(0, keep < 0 ? this.sent.length : keep);
  }

  /** True when the next sequence after `committed` is the one this lane would send first. */
  follows(committed: bigint): boolean {
    return (this.sent[0]?.sequence ?? this.#next) === committed + 1n;
  }

  /** Numbers what was sent, and what comes, from after `committed` on; answers what was sent. */
  renumber(committed: bigint): readonly Entry[] {
    this.cursor = 0;
    this.#next = committed + 1n;
    for (const entry of this.sent) entry.sequence = this.#next++;
    return this.sent;
  }

  /** Takes all sequence numbers back: the lane starts over in a new stream. */
  restart(): void {
    for (const entry of this.sent) {
      entry.sequence = 0n;
      entry.place?.done();
      entry.place = null;
    }
    this.waiting.unshift(this.sent.splice(0));
    this.cursor = 0;
    this.#next = 1n;
  }

  #begin(entry: Entry): Entry {
    entry.sequence = this.#next++;
    entry.sends++;
    this.sent.push(entry);
    this.cursor++;
    return entry;
  }
}
