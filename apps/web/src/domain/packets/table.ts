import type { PacketDirection } from "@sonde/pcapfile";
import { dissect } from "../dissect/index.ts";
import type { Dissection, StreamFacts } from "../dissect/types.ts";
import { ByteStore } from "./byteStore.ts";
import { Columns, Meta } from "./columns.ts";
import { Ends, PAIR_WORDS } from "./ends.ts";
import { Has, indexHeaders, type HeaderPlace } from "./headerIndex.ts";
import { Segments, type SegmentPlace } from "./segments.ts";
import { Stacks } from "./stacks.ts";
import type { TableInterface } from "./types.ts";
import { WordMap } from "./wordMap.ts";

/** A packet to be added; its bytes are copied. */
export type Arrival = {
  readonly interfaceId: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly wireLen: number;
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly capLen: number;
};
/** What few packets have. */
export type Remarks = { readonly direction: PacketDirection | null; readonly comments: readonly string[] };

const directionBits = { in: 1, out: 2 } as const;
const directionNames: readonly (PacketDirection | null)[] = [null, "in", "out", null];
const noComments: readonly string[] = [];

/** The packets of a capture, in the order they came: their bytes in large chunks, the rest in columns. */
export class PacketTable {
  readonly columns = new Columns();
  readonly store = new ByteStore();
  readonly stacks = new Stacks();
  readonly interfaces: TableInterface[] = [];
  /** By packet number. */
  readonly #comments = new Map<number, readonly string[]>();
  readonly #datagrams = new WordMap(PAIR_WORDS);
  readonly #segments = new Segments();
  readonly #ends = new Ends();
  /** Of the packet that is added or asked for. */
  readonly #place: SegmentPlace = {
    view: new DataView(new ArrayBuffer(0)),
    at: 0,
    capLen: 0,
    wireLen: 0,
    has: 0,
    network: 0,
    transport: 0,
    seconds: 0,
    vantage: 0,
  };
  #rows = 0;
  /** Rows at which timeSpan has looked, and what it found. */
  #spanned = 0;
  #first = 0;
  #last = 0;
  #firstNumber = 1;

  /** Packets held; their rows are 0 … length − 1. */
  get length(): number {
    return this.#rows;
  }
  /** Number of the packet in row 0. */
  get firstNumber(): number {
    return this.#firstNumber;
  }
  rowOf(number: number): number | null {
    const row = number - this.#firstNumber;
    return Number.isInteger(row) && row >= 0 && row < this.#rows ? row : null;
  }

  append(arrival: Arrival, remarks: Remarks | null): void {
    const row = this.#rows++;
    const { columns, store } = this;
    columns.reserve(row);
    store.add(arrival.bytes, arrival.offset, arrival.capLen);
    columns.seconds[row] = arrival.seconds;
    columns.nanoseconds[row] = arrival.nanoseconds;
    columns.chunk[row] = store.chunk;
    columns.offset[row] = store.offset;
    columns.capLen[row] = arrival.capLen;
    columns.wireLen[row] = arrival.wireLen;
    columns.interfaceId[row] = arrival.interfaceId;
    columns.stack[row] = 0;
    columns.meta[row] = remarks?.direction ? directionBits[remarks.direction] : 0;
    if (remarks !== null && remarks.comments.length > 0) this.setComments(row, remarks.comments);
    const place = this.#place;
    place.view = store.view(store.chunk);
    place.at = store.offset;
    place.capLen = arrival.capLen;
    place.wireLen = arrival.wireLen;
    indexHeaders(place, this.linkType(row));
    columns.has[row] = place.has;
    columns.network[row] = place.network;
    columns.transport[row] = place.transport;
    columns.stream[row] = -1;
    if ((place.has & Has.ip) !== 0) {
      columns.source[row] = place.view.getUint32(place.at + place.network + 12);
      columns.destination[row] = place.view.getUint32(place.at + place.network + 16);
    }
    if ((place.has & (Has.tcp | Has.udp)) === 0) return;
    columns.sourcePort[row] = place.view.getUint16(place.at + place.transport);
    columns.destinationPort[row] = place.view.getUint16(place.at + place.transport + 2);
    if ((place.has & Has.tcp) !== 0) this.#segment(row);
    else this.#datagram(row);
  }

  #datagram(row: number): void {
    this.#ends.read("udp", this.#place);
    this.columns.stream[row] = this.#datagrams.add(this.#ends.pair);
  }

  #segment(row: number): void {
    const { columns } = this;
    const place = this.#place;
    place.seconds = (columns.seconds[row] ?? 0) + (columns.nanoseconds[row] ?? 0) / 1e9;
    place.vantage = this.#vantage(row);
    this.#ends.read("tcp", place);
    const facts = this.#segments.take(place, this.#ends);
    columns.flags[row] = place.view.getUint16(place.at + place.transport + 12) & 0xfff;
    columns.stream[row] = facts.stream;
    columns.seq[row] = facts.seq;
    columns.ack[row] = facts.ack;
    columns.nextSeq[row] = facts.nextSeq;
    columns.window[row] = facts.window;
    columns.scale[row] = facts.scale;
    columns.duplicateAck[row] = facts.duplicateAck;
    columns.analysis[row] = facts.analysis;
  }

  /** Of a capture of several hosts each interface is analysed by itself: a segment seen by both ends is no retransmission. */
  #vantage(row: number): number {
    const id = this.columns.interfaceId[row] ?? 0;
    return (this.interfaces[id]?.host ?? null) === null ? 0 : id + 1;
  }

  /** Rows of the first and of the last time, which need not be the first and the last row; null without packets. */
  get timeSpan(): { readonly first: number; readonly last: number } | null {
    for (; this.#spanned < this.#rows; this.#spanned++) {
      if (this.since(this.#spanned, this.#first) < 0) this.#first = this.#spanned;
      if (this.since(this.#spanned, this.#last) >= 0) this.#last = this.#spanned;
    }
    return this.#rows === 0 ? null : { first: this.#first, last: this.#last };
  }

  linkType(row: number): number {
    return this.interfaces[this.columns.interfaceId[row] ?? 0]?.linkType ?? -1;
  }
  timeNs(row: number): bigint {
    return BigInt(this.columns.seconds[row] ?? 0) * 1_000_000_000n + BigInt(this.columns.nanoseconds[row] ?? 0);
  }
  /** Seconds after another packet. */
  since(row: number, other: number): number {
    const { seconds, nanoseconds } = this.columns;
    return (seconds[row] ?? 0) - (seconds[other] ?? 0) + ((nanoseconds[row] ?? 0) - (nanoseconds[other] ?? 0)) / 1e9;
  }
  direction(row: number): PacketDirection | null {
    return directionNames[(this.columns.meta[row] ?? 0) & Meta.direction] ?? null;
  }

  /** Where its headers lie. The same object each time, good until the next call. */
  headersOf(row: number): Readonly<HeaderPlace> {
    const { columns, store } = this;
    const place = this.#place;
    place.view = store.view(columns.chunk[row] ?? 0);
    place.at = columns.offset[row] ?? 0;
    place.capLen = columns.capLen[row] ?? 0;
    place.wireLen = columns.wireLen[row] ?? 0;
    place.has = columns.has[row] ?? 0;
    place.network = columns.network[row] ?? 0;
    place.transport = columns.transport[row] ?? 0;
    return place;
  }

  /** The captured bytes, as they lie in the store. */
  bytes(row: number): Uint8Array {
    const { chunk, offset, capLen } = this.columns;
    return this.store.slice(chunk[row] ?? 0, offset[row] ?? 0, capLen[row] ?? 0);
  }

  /** Takes a packet apart; what is found in it is remembered. `bytes` may be a copy of its bytes. */
  dissect(row: number, bytes: Uint8Array = this.bytes(row)): Dissection {
    const { columns } = this;
    const dissection = dissect({
      bytes,
      wireLen: columns.wireLen[row] ?? 0,
      linkType: this.linkType(row),
      facts: this.#facts(row),
    });
    if (columns.stack[row] === 0) columns.stack[row] = this.stacks.numberOf(dissection.layers);
    return dissection;
  }

  /** Takes the packets from a row on apart of which it is not known what is in them, until told; returns where it stopped. */
  examine(from: number, enough: () => boolean): number {
    const { has, stack } = this.columns;
    let row = from;
    for (let looked = 0; row < this.#rows; row++) {
      if (stack[row] !== 0 || ((has[row] ?? 0) & (Has.unsure | Has.payload)) === 0) continue;
      this.dissect(row);
      if (++looked % 64 === 0 && enough()) return row + 1;
    }
    return row;
  }

  #facts(row: number): StreamFacts | null {
    const { has, stream, seq, ack, nextSeq, window, scale, duplicateAck, analysis } = this.columns;
    if (((has[row] ?? 0) & Has.tcp) === 0) return null;
    return {
      stream: stream[row] ?? 0,
      seq: seq[row] ?? -1,
      ack: ack[row] ?? -1,
      nextSeq: nextSeq[row] ?? -1,
      window: window[row] ?? 0,
      scale: scale[row] ?? -1,
      duplicateAck: duplicateAck[row] ?? 0,
      analysis: analysis[row] ?? 0,
    };
  }

  marked(row: number): boolean {
    return ((this.columns.meta[row] ?? 0) & Meta.marked) !== 0;
  }
  mark(row: number, on: boolean): void {
    const meta = this.columns.meta[row] ?? 0;
    this.columns.meta[row] = on ? meta | Meta.marked : meta & ~Meta.marked;
  }
  comments(row: number): readonly string[] {
    if (((this.columns.meta[row] ?? 0) & Meta.comments) === 0) return noComments;
    return this.#comments.get(this.#firstNumber + row) ?? noComments;
  }
  setComments(row: number, comments: readonly string[]): void {
    const meta = this.columns.meta[row] ?? 0;
    this.columns.meta[row] = comments.length > 0 ? meta | Meta.comments : meta & ~Meta.comments;
    if (comments.length > 0) this.#comments.set(this.#firstNumber + row, comments);
    else this.#comments.delete(this.#firstNumber + row);
  }

  /** Lets the oldest packets go. */
  dropFirst(count: number): void {
    const gone = Math.min(count, this.#rows);
    for (let row = 0; row < gone; row++) this.#comments.delete(this.#firstNumber + row);
    this.columns.dropFirst(gone, this.#rows);
    this.#rows -= gone;
    this.#spanned = this.#first = this.#last = 0;
    this.#firstNumber += gone;
    if (this.#rows > 0) this.store.letGoBefore(this.columns.chunk[0] ?? 0);
  }
}
