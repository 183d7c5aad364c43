import type { StreamFacts } from "../types.ts";
import { Conversations, UNKNOWN, type Conversation, type Side } from "./conversation.ts";
import { Analysis } from "./flags.ts";
import { ACK, FIN, NO_SCALE, RST, SYN, type Segment, UNKNOWN_LENGTH, UNKNOWN_SCALE } from "./segment.ts";

/** Largest shift that RFC 7323 2.3 allows. */
const MAX_SHIFT = 14;
/** Within it of the last new byte a segment from behind was overtaken, where the round trip is not known (s). */
const REORDERING = 0.003;
/** Within it of the duplicate ACKs a retransmission is their doing (s). */
const FAST = 0.02;
const NANOSECOND = 1e-9;
const ENOUGH_DUPLICATES = 2;

type Facts = { -readonly [K in keyof StreamFacts]: StreamFacts[K] };

/** Signed distance of sequence numbers, modulo 2^32. */
const after = (a: number, b: number): number => (a - b) | 0;

/**
 * What Wireshark's TCP analysis says of segments (User's Guide 7.5), one after the other in the order of the capture.
 * No object is made per segment.
 */
export class TcpAnalysis {
  readonly #conversations = new Conversations();
  readonly #facts: Facts = { stream: 0, seq: 0, ack: 0, nextSeq: 0, window: 0, scale: UNKNOWN_SCALE, duplicateAck: 0, analysis: 0 };
  /** How long after the last new byte of the conversation at hand a segment may have been overtaken. */
  #reordering = REORDERING;

  /** Of the next segment. The same object each time, good until the next call. */
  take(segment: Readonly<Segment>): StreamFacts {
    const { forward, flags } = segment;
    const conversation = this.#conversations.open;
    const known = this.#conversations.take(segment.pair);
    const reopened = known && reopens(segment, conversation);
    if (!known || reopened) this.#conversations.begin();
    const from = forward ? conversation.low : conversation.high;
    const to = forward ? conversation.high : conversation.low;
    if (segment.length === UNKNOWN_LENGTH) return this.#unanalysed(conversation, segment);
    setBases(segment, from, to);
    if ((flags & SYN) !== 0) setScale(segment, from, to);
    timeHandshake(segment, conversation, to);
    const facts = this.#facts;
    const next = (segment.seq + segment.length + ((flags & (SYN | FIN)) === 0 ? 0 : 1)) >>> 0;
    facts.stream = conversation.stream;
    facts.seq = (segment.seq - from.base) >>> 0;
    facts.nextSeq = (next - from.base) >>> 0;
    facts.ack = (flags & ACK) === 0 ? segment.ack : (segment.ack - to.base) >>> 0;
    facts.scale = from.scale >= 0 ? 2 ** from.scale : from.scale;
    facts.window = (flags & SYN) === 0 && from.scale > 0 ? segment.window * 2 ** from.scale : segment.window;
    let analysis = forwardFlags(segment, from, to) | (reopened ? Analysis.reusedPorts : 0);
    facts.duplicateAck = countDuplicates(segment, from, analysis);
    if (facts.duplicateAck > 0) analysis |= Analysis.duplicateAck;
    this.#reordering = Number.isNaN(conversation.roundTrip) ? REORDERING : conversation.roundTrip;
    if ((analysis & Analysis.keepAlive) === 0) analysis |= this.#sequenceFlags(segment, from, to, next);
    facts.analysis = analysis | ackFlags(segment, to);
    remember(segment, from, next, facts.analysis);
    this.#conversations.put();
    return facts;
  }

  /** Forgets all conversations, so that their endpoints may be numbered anew. */
  forget(): void {
    this.#conversations.forget();
  }

  #unanalysed({ stream }: Conversation, { seq, ack, window }: Readonly<Segment>): StreamFacts {
    return Object.assign(this.#facts, { stream, seq, ack, nextSeq: -1, window, scale: UNKNOWN_SCALE, duplicateAck: 0, analysis: 0 });
  }

  /** Whether the segment came from behind, and why. */
  #sequenceFlags({ seq, flags, length, seconds }: Readonly<Segment>, from: Side, to: Side, next: number): number {
    if (length === 0 && (flags & (SYN | FIN)) === 0) return 0;
    if (from.next === UNKNOWN || after(seq, from.next) >= 0) return 0;
    if (length > 0 && to.lastAck !== UNKNOWN && after((seq + length) >>> 0, to.lastAck) <= 0)
      return Analysis.retransmission | Analysis.spuriousRetransmission;
    // one byte of it was a probe of a closed window; the rest is new
    if (length > 1 && seq === (from.next - 1) >>> 0) return 0;
    if (to.duplicateAcks >= ENOUGH_DUPLICATES && to.lastAck === seq && seconds - to.ackTime < FAST)
      return Analysis.retransmission | Analysis.fastRetransmission;
    const since = seconds - from.nextTime;
    const overtaken = since >= 0 && since < this.#reordering + NANOSECOND;
    return overtaken && next !== from.next ? Analysis.outOfOrder : Analysis.retransmission;
  }
}

/** A SYN of another number than the last begins another conversation. */
function reopens({ flags, forward, seq }: Readonly<Segment>, { low, high }: Conversation): boolean {
  if ((flags & (SYN | ACK)) !== SYN) return false;
  const { base } = forward ? low : high;
  return base !== UNKNOWN && base !== seq;
}

function setBases({ seq, ack, flags }: Readonly<Segment>, from: Side, to: Side): void {
  if ((flags & SYN) !== 0 && !from.sawSyn) {
    from.base = seq;
    from.sawSyn = true;
  }
  if (from.base === UNKNOWN) from.base = (seq - 1) >>> 0;
  if ((flags & ACK) !== 0 && to.base === UNKNOWN) to.base = (ack - 1) >>> 0;
}

/** Windows are scaled where both SYNs say so (RFC 7323 2.2). */
function setScale({ scale, flags }: Readonly<Segment>, from: Side, to: Side): void {
  from.scale = scale === UNKNOWN_SCALE ? NO_SCALE : Math.min(scale, MAX_SHIFT);
  if ((flags & ACK) === 0) return;
  if (from.scale === NO_SCALE) to.scale = NO_SCALE;
  else if (to.scale === NO_SCALE) from.scale = NO_SCALE;
}

function timeHandshake({ flags, seconds }: Readonly<Segment>, conversation: Conversation, to: Side): void {
  const kind = flags & (SYN | ACK);
  if (kind === SYN) conversation.synTime = seconds;
  else if (kind === ACK && Number.isNaN(conversation.roundTrip) && to.sawSyn) conversation.roundTrip = seconds - conversation.synTime;
}

/** What the segment is by itself: probes, windows and keep-alives. */
function forwardFlags({ seq, ack, flags, window, length }: Readonly<Segment>, from: Side, to: Side): number {
  const established = (flags & (SYN | FIN | RST)) === 0;
  const inOrder = from.next !== UNKNOWN && seq === from.next;
  if (length === 1 && inOrder && to.window === 0) return Analysis.zeroWindowProbe;
  let found = 0;
  if (window === 0 && established) found |= Analysis.zeroWindow;
  if (from.next !== UNKNOWN && after(seq, from.next) > 0 && (flags & RST) === 0) found |= Analysis.lostSegment;
  if (!established) return found;
  if (length <= 1 && from.next !== UNKNOWN && seq === (from.next - 1) >>> 0) found |= Analysis.keepAlive;
  if (length > 0 && fillsWindow((seq + length) >>> 0, to)) found |= Analysis.windowFull;
  if (length > 0 || !inOrder || from.lastAck !== ack) return found;
  if (window !== 0 && window !== from.window) found |= Analysis.windowUpdate;
  if (window === from.window && window !== 0 && (to.flags & Analysis.keepAlive) !== 0) found |= Analysis.keepAliveAck;
  if (window === from.window && window === 0 && (to.flags & Analysis.zeroWindowProbe) !== 0) found |= Analysis.zeroWindowProbeAck;
  return found;
}

function fillsWindow(end: number, to: Side): boolean {
  if (to.scale === UNKNOWN_SCALE || to.lastAck === UNKNOWN || to.window < 0) return false;
  return end === (to.lastAck + to.window * 2 ** Math.max(0, to.scale)) >>> 0;
}

/** The how-manieth acknowledgment of the same this is; 0: it is none. */
function countDuplicates({ seq, ack, flags, window, length }: Readonly<Segment>, from: Side, so: number): number {
  if (ack !== from.lastAck) from.duplicateAcks = 0;
  const other = Analysis.zeroWindowProbe | Analysis.keepAliveAck | Analysis.zeroWindowProbeAck;
  if ((so & other) !== 0 || (flags & (SYN | FIN | RST)) !== 0 || length > 0 || window === 0) return 0;
  if (seq !== from.next || ack !== from.lastAck || window !== from.window) return 0;
  return ++from.duplicateAcks;
}

function ackFlags({ ack, flags }: Readonly<Segment>, to: Side): number {
  if ((flags & ACK) === 0 || to.contiguous === UNKNOWN || after(ack, to.contiguous) <= 0) return 0;
  to.contiguous = ack;
  return Analysis.ackLostSegment;
}

function remember({ seq, ack, flags, window, seconds }: Readonly<Segment>, from: Side, next: number, analysis: number): void {
  const probe = (analysis & Analysis.zeroWindowProbe) !== 0;
  if (!probe && (from.next === UNKNOWN || after(next, from.next) > 0)) {
    from.next = next;
    from.nextTime = seconds;
  }
  const gap = (analysis & (Analysis.zeroWindowProbe | Analysis.lostSegment)) !== 0;
  if (!gap && (from.contiguous === UNKNOWN || from.contiguous === seq)) from.contiguous = from.next;
  from.window = window;
  from.flags = analysis;
  if ((flags & ACK) === 0) return;
  from.lastAck = ack;
  from.ackTime = seconds;
}
