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
  /** The side with the lower endpoint, and the other. */
  readonly low = new Side();
  readonly high = new Side();
  synTime: number | null = null;
  /** From SYN to the acknowledgment of the SYN/ACK; null until both were seen. */
  roundTrip: number | null = null;

  constructor(stream: number) {
    this.stream = stream;
  }
}

/** Conversations that are remembered at once; behind them all are forgotten, so that memory is bounded. */
const MAX_CONVERSATIONS = 1 << 18;
/** Numbers of endpoints are below it, so that two make a whole number of a double. */
const MAX_ENDPOINTS = 2 ** 26;

/** Whose segment it is; the same object for each. `forward`: from the lower endpoint to the higher. */
export type Found = { conversation: Conversation; forward: boolean; reopened: boolean };

/** Conversations by their two endpoints. */
export class Conversations {
  readonly #found: Found = { conversation: new Conversation(-1), forward: true, reopened: false };
  readonly #endpoints = new Map<number, number>();
  readonly #open = new Map<number, Conversation>();
  #streams = 0;

  /** The conversation of two endpoints, begun anew where `reopen` says so of what was there. */
  find(source: number, destination: number, reopen: (conversation: Conversation, forward: boolean) => boolean): Readonly<Found> {
    if (this.#open.size >= MAX_CONVERSATIONS || this.#endpoints.size >= MAX_ENDPOINTS - 2) {
      this.#open.clear();
      this.#endpoints.clear();
    }
    const [from, to] = [this.#endpoint(source), this.#endpoint(destination)];
    const forward = from <= to;
    const key = forward ? from * MAX_ENDPOINTS + to : to * MAX_ENDPOINTS + from;
    const known = this.#open.get(key);
    const found = this.#found;
    found.forward = forward;
    found.reopened = known !== undefined && reopen(known, forward);
    found.conversation = known === undefined || found.reopened ? this.#begin(key) : known;
    return found;
  }

  #begin(key: number): Conversation {
    const conversation = new Conversation(this.#streams++);
    this.#open.set(key, conversation);
    return conversation;
  }

  #endpoint(name: number): number {
    const known = this.#endpoints.get(name);
    if (known !== undefined) return known;
    const number = this.#endpoints.size;
    this.#endpoints.set(name, number);
    return number;
  }
}
