import { TcpAnalysis } from "../dissect/tcp/analysis.ts";
import { UNKNOWN_SCALE, type Segment } from "../dissect/tcp/segment.ts";
import type { StreamFacts } from "../dissect/types.ts";
import { PAIR_WORDS, type Ends } from "./ends.ts";
import type { HeaderPlace } from "./headerIndex.ts";
import { WordMap } from "./wordMap.ts";

/** Where the headers of a TCP segment lie, its time, and where it was seen: segments of other vantages are other conversations. */
export type SegmentPlace = HeaderPlace & { seconds: number; vantage: number };

const WINDOW_SCALE = 3;
/** Of a pair, and how much of that word the family takes. */
const FAMILY_WORD = 9;
const FAMILY_BITS = 8;
/** Conversations that are remembered at once; behind them all are forgotten, so that memory is bounded. */
const MAX_CONVERSATIONS = 1 << 18;

/** Brings the segments of a table, in their order, before the TCP analysis; no object is made for one. */
export class Segments {
  readonly #analysis = new TcpAnalysis();
  /** By both ends and the vantage. */
  readonly #pairs = new WordMap(PAIR_WORDS);
  readonly #segment: Segment = {
    pair: 0,
    forward: true,
    seq: 0,
    ack: 0,
    flags: 0,
    window: 0,
    length: 0,
    seconds: 0,
    scale: UNKNOWN_SCALE,
  };

  /** Of a whole header, whose ends were read. The same object each time, good until the next call. */
  take({ view, at, network, transport, seconds, vantage }: Readonly<SegmentPlace>, ends: Ends): StreamFacts {
    const segment = this.#segment;
    const start = at + transport;
    const headerLength = (view.getUint8(start + 12) >> 4) * 4;
    segment.pair = this.#pairOf(ends.pair, vantage);
    segment.forward = ends.forwards;
    segment.seq = view.getUint32(start + 4);
    segment.ack = view.getUint32(start + 8);
    segment.flags = view.getUint16(start + 12) & 0xfff;
    segment.window = view.getUint16(start + 14);
    segment.length = ipEnd(view, at, network) - transport - headerLength;
    segment.seconds = seconds;
    this.#readOptions(view, start + 20, start + headerLength);
    return this.#analysis.take(segment);
  }

  #pairOf(pair: Uint32Array, vantage: number): number {
    if (this.#pairs.size >= MAX_CONVERSATIONS) {
      this.#pairs.clear();
      this.#analysis.forget();
    }
    pair[FAMILY_WORD] = (pair[FAMILY_WORD] ?? 0) | (vantage << FAMILY_BITS);
    return this.#pairs.add(pair);
  }

  /** Kind, length, value (RFC 9293 3.1); ends at the first that makes no sense. */
  #readOptions(view: DataView, from: number, to: number): void {
    this.#segment.scale = UNKNOWN_SCALE;
    for (let at = from; at < to;) {
      const kind = view.getUint8(at);
      if (kind === 0) return;
      const length = kind === 1 ? 1 : at + 1 < to ? view.getUint8(at + 1) : 0;
      if (length === 0 || at + length > to || (kind !== 1 && length < 2)) return;
      if (kind === WINDOW_SCALE && length === 3) this.#segment.scale = view.getUint8(at + 2);
      at += length;
    }
  }
}

/** Where the packet that IP describes ends, from the beginning of the frame. */
export function ipEnd(view: DataView, at: number, network: number): number {
  const isIpv4 = view.getUint8(at + network) >> 4 === 4;
  return network + (isIpv4 ? view.getUint16(at + network + 2) : 40 + view.getUint16(at + network + 4));
}
