import { UNKNOWN_SCALE } from "./segment.ts";

/** Of a number that no segment has told yet; those told are never negative. */
export const UNKNOWN = -1;

/** Numbers that are kept of a side, and of a conversation: its stream, two times, and both sides. */
const SIDE_NUMBERS = 11;
const NUMBERS = 3 + 2 * SIDE_NUMBERS;
const FIRST_PAIRS = 1024;

/** What is remembered of one direction. Sequence numbers are the wire's, of 32 bits. */
export class Side {
  /** What relative numbers count from; of segments of either side. */
  base = UNKNOWN;
  /** The base is that of a SYN, not a guess. */
  sawSyn = false;
  /** The highest number expected next, and when it rose. */
  next = UNKNOWN;
  nextTime = 0;
  /** Up to here without a gap: the other side has no reason to acknowledge more. */
  contiguous = UNKNOWN;
  lastAck = UNKNOWN;
  ackTime = 0;
  window = UNKNOWN;
  /** A shift, UNKNOWN_SCALE or NO_SCALE. */
  scale = UNKNOWN_SCALE;
  duplicateAcks = 0;
  /** Analysis bits of the last segment. */
  flags = 0;

  read(from: Float64Array, at: number): void {
    this.base = from[at] ?? UNKNOWN;
    this.sawSyn = from[at + 1] === 1;
    this.next = from[at + 2] ?? UNKNOWN;
    this.nextTime = from[at + 3] ?? 0;
    this.contiguous = from[at + 4] ?? UNKNOWN;
    this.lastAck = from[at + 5] ?? UNKNOWN;
    this.ackTime = from[at + 6] ?? 0;
    this.window = from[at + 7] ?? UNKNOWN;
    this.scale = from[at + 8] ?? UNKNOWN_SCALE;
    this.duplicateAcks = from[at + 9] ?? 0;
    this.flags = from[at + 10] ?? 0;
  }

  write(to: Float64Array, at: number): void {
    to[at] = this.base;
    to[at + 1] = this.sawSyn ? 1 : 0;
    to[at + 2] = this.next;
    to[at + 3] = this.nextTime;
    to[at + 4] = this.contiguous;
    to[at + 5] = this.lastAck;
    to[at + 6] = this.ackTime;
    to[at + 7] = this.window;
    to[at + 8] = this.scale;
    to[at + 9] = this.duplicateAcks;
    to[at + 10] = this.flags;
  }
}

const unseen = new Side();

/** A conversation that was taken out of what is remembered. */
export class Conversation {
  stream = UNKNOWN;
  /** The side that sends forward, and the other. */
  readonly low = new Side();
  readonly high = new Side();
  /** NaN until it was seen. */
  synTime = NaN;
  /** From SYN to the acknowledgment of the SYN/ACK; NaN until both were seen. */
  roundTrip = NaN;
}

/**
 * Conversations by the number of their two endpoints. All lie in one array, from which one at a time is taken out and
 * put back: an object for each would keep the garbage collector busy, of which there are hundreds of thousands.
 */
export class Conversations {
  /** Of each pair: stream and 1, 0 where there is none; synTime; roundTrip; low; high. */
  #memory = new Float64Array(FIRST_PAIRS * NUMBERS);
  #at = 0;
  #streams = 0;
  /** The one that was taken out. */
  readonly open = new Conversation();

  /** Takes the conversation of two endpoints out; false where there is none. */
  take(pair: number): boolean {
    this.#at = pair * NUMBERS;
    if (this.#at >= this.#memory.length) this.#grow();
    const { open } = this;
    const [memory, at] = [this.#memory, this.#at];
    open.stream = (memory[at] ?? 0) - 1;
    if (open.stream < 0) return false;
    open.synTime = memory[at + 1] ?? NaN;
    open.roundTrip = memory[at + 2] ?? NaN;
    open.low.read(memory, at + 3);
    open.high.read(memory, at + 3 + SIDE_NUMBERS);
    return true;
  }

  /** Begins another in its place. */
  begin(): void {
    const [memory, at] = [this.#memory, this.#at];
    memory[at] = ++this.#streams;
    memory[at + 1] = memory[at + 2] = NaN;
    unseen.write(memory, at + 3);
    unseen.write(memory, at + 3 + SIDE_NUMBERS);
    this.take(at / NUMBERS);
  }

  /** Puts it back as it is now. */
  put(): void {
    const { open } = this;
    const [memory, at] = [this.#memory, this.#at];
    memory[at + 1] = open.synTime;
    memory[at + 2] = open.roundTrip;
    open.low.write(memory, at + 3);
    open.high.write(memory, at + 3 + SIDE_NUMBERS);
  }

  /** Their numbers may be given to others. */
  forget(): void {
    this.#memory = new Float64Array(FIRST_PAIRS * NUMBERS);
  }

  #grow(): void {
    let { length } = this.#memory;
    while (length <= this.#at) length *= 2;
    const memory = new Float64Array(length);
    memory.set(this.#memory);
    this.#memory = memory;
  }
}
