import { TcpAnalysis } from "../dissect/tcp/analysis.ts";
import { UNKNOWN_SCALE, type Segment } from "../dissect/tcp/segment.ts";
import type { StreamFacts } from "../dissect/types.ts";
import { END_WORDS, type Ends } from "./ends.ts";
import { WordMap } from "./wordMap.ts";

/** Where the headers of a TCP segment lie, and its time. */
export type SegmentPlace = {
  readonly view: DataView;
  readonly at: number;
  readonly network: number;
  readonly transport: number;
  readonly seconds: number;
  /** Where it was seen: segments of other vantages are other conversations. */
  readonly vantage: number;
};

const WINDOW_SCALE = 3;

/** Brings the segments of a table, in their order, before the TCP analysis; no object is made for one. */
export class Segments {
  readonly #analysis = new TcpAnalysis();
  readonly #addresses = new WordMap(END_WORDS);
  readonly #key = new Uint32Array(END_WORDS);
  readonly #segment: Segment = {
    source: 0,
    destination: 0,
    sourcePort: 0,
    destinationPort: 0,
    seq: 0,
    ack: 0,
    flags: 0,
    window: 0,
    length: 0,
    seconds: 0,
    scale: UNKNOWN_SCALE,
  };

  /** Of a whole header. The same object each time, good until the next call. */
  take({ view, at, network, transport, seconds, vantage }: SegmentPlace, { source, destination }: Ends): StreamFacts {
    const segment = this.#segment;
    const start = at + transport;
    const headerLength = (view.getUint8(start + 12) >> 4) * 4;
    segment.source = this.#addressOf(source, vantage);
    segment.destination = this.#addressOf(destination, vantage);
    segment.sourcePort = view.getUint16(start);
    segment.destinationPort = view.getUint16(start + 2);
    segment.seq = view.getUint32(start + 4);
    segment.ack = view.getUint32(start + 8);
    segment.flags = view.getUint16(start + 12) & 0xfff;
    segment.window = view.getUint16(start + 14);
    segment.length = ipEnd(view, at, network) - transport - headerLength;
    segment.seconds = seconds;
    this.#readOptions(view, start + 20, start + headerLength);
    return this.#analysis.take(segment);
  }

  /** An address without its port, as seen from somewhere. */
  #addressOf(end: Uint32Array, vantage: number): number {
    this.#key.set(end);
    this.#key[4] = vantage;
    return this.#addresses.add(this.#key);
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
