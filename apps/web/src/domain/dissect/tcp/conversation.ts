import { UNKNOWN_SCALE } from "./segment.ts";

/** What is remembered of one direction. Sequence numbers are the wire's, of 32 bits. */
export class Side {
  /** What relative numbers count from; null until a segment of either side tells. */
  base: number | null = null;
  /** The base is that of a SYN, not a guess. */
  sawSyn = false;
  /** The highest number expected next, and when it rose. */
  next: number | null = null;
  nextTime = 0;
  /** Up to here without a gap: the other side has no reason to acknowledge more. */
  contiguous: number | null = null;
  lastAck: number | null = null;
  ackTime = 0;
  window = -1;
  /** A shift, UNKNOWN_SCALE or NO_SCALE. */
  scale = UNKNOWN_SCALE;
  duplicateAcks = 0;
  /** Analysis bits of the last segment. */
  flags = 0;
}

export class Conversation {
  readonly stream: number;
  /** The side that sends forward, and the other. */
  readonly low = new Side();
  readonly high = new Side();
  synTime: number | null = null;
  /** From SYN to the acknowledgment of the SYN/ACK; null until both were seen. */
  roundTrip: number | null = null;

  constructor(stream: number) {
    this.stream = stream;
  }
}

/** A conversation, and whether it was begun anew in the place of another; the same object for each. */
export type Found = { conversation: Conversation; reopened: boolean };

/** Conversations by the number of their two endpoints. */
export class Conversations {
  readonly #found: Found = { conversation: new Conversation(-1), reopened: false };
  #open: Conversation[] = [];
  #streams = 0;

  /** The conversation of two endpoints, begun anew where `reopens` says so of what was there. */
  find(pair: number, reopens: (conversation: Conversation) => boolean): Readonly<Found> {
    const known = this.#open[pair];
    const found = this.#found;
    found.reopened = known !== undefined && reopens(known);
    found.conversation = known === undefined || found.reopened ? (this.#open[pair] = new Conversation(this.#streams++)) : known;
    return found;
  }

  /** Their numbers may be given to others. */
  forget(): void {
    this.#open = [];
  }
}
