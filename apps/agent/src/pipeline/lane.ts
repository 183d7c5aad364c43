import { Fifo } from "./fifo.ts";

/** One batch in wire layout on its way. `sequence` is 0n until it is first sent (SPEC 4.6). */
export type Entry = {
  readonly bytes: Uint8Array | ArrayBuffer;
  readonly records: number;
  readonly sampleN: number;
  readonly snaplen: number;
  sequence: bigint;
  /** How often it was put on the wire. */
  sends: number;
};

/**
 * The batches of one kind in order: `sent` (have a sequence, unacknowledged), of which the first
 * `cursor` are in flight on this connection, then `waiting` (never sent).
 */
export class Lane {
  readonly sent: Entry[] = [];
  readonly waiting = new Fifo<Entry>();
  cursor = 0;
  #next = 1n;

  /** Batches held, sent or not. */
  get length(): number {
    return this.sent.length + this.waiting.length;
  }

  /** The next batch to put on the wire: first what must be resent, then new ones, which get their sequence here. */
  take(): { entry: Entry; first: boolean } | null {
    const again = this.sent[this.cursor];
    if (again !== undefined) {
      this.cursor++;
      again.sends++;
      return { entry: again, first: false };
    }
    const entry = this.waiting.shift();
    if (entry === undefined) return null;
    entry.sequence = this.#next++;
    entry.sends++;
    this.sent.push(entry);
    this.cursor++;
    return { entry, first: true };
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

  /** Takes all sequence numbers back: the lane starts over in a new stream. */
  restart(): void {
    for (const entry of this.sent) entry.sequence = 0n;
    this.waiting.unshift(this.sent.splice(0));
    this.cursor = 0;
    this.#next = 1n;
  }
}
