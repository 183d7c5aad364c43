import { Ends } from "./ends.ts";
import { Has } from "./headerIndex.ts";
import { ipEnd } from "./segments.ts";
import { StreamSide } from "./streamSide.ts";
import type { PacketTable } from "./table.ts";
import { pairFilter } from "./talks.ts";
import type { Stream, StreamId, StreamPart, Talker } from "./types.ts";
import { ipv4Text, ipv6Text } from "../address.ts";

/** Most bytes of both sides together. */
const MAX_BYTES = 4 << 20;

/** Puts together what the two ends of a conversation said; packets are added in order. */
export class StreamReader {
  readonly #table: PacketTable;
  readonly #id: StreamId;
  readonly #ends = new Ends();
  readonly #parts: StreamPart[] = [];
  readonly #sides: [StreamSide, StreamSide];
  #talkers: [Talker, Talker] | null = null;
  /** Whether the side that spoke first is the lower end of the pair. */
  #firstForwards = true;
  #bytes = 0;
  #packets = 0;
  #cut = false;

  constructor(table: PacketTable, id: StreamId) {
    this.#table = table;
    this.#id = id;
    this.#sides = [
      new StreamSide((bytes, gap, row) => this.#emit(0, bytes, gap, row)),
      new StreamSide((bytes, gap, row) => this.#emit(1, bytes, gap, row)),
    ];
  }

  add(row: number): void {
    const { columns, store } = this.#table;
    const has = columns.has[row] ?? 0;
    const wanted = this.#id.transport === "tcp" ? Has.tcp : Has.udp;
    if ((has & wanted) === 0 || columns.stream[row] !== this.#id.number) return;
    this.#packets++;
    const ends = this.#ends;
    ends.readRow(this.#id.transport, this.#table, row);
    if (this.#talkers === null) {
      this.#firstForwards = ends.forwards;
      this.#talkers = [talker(ends.source), talker(ends.destination)];
    }
    const side = ends.forwards === this.#firstForwards ? 0 : 1;
    const view = store.view(columns.chunk[row] ?? 0);
    const place = { view, at: columns.offset[row] ?? 0, network: columns.network[row] ?? 0, transport: columns.transport[row] ?? 0 };
    if (this.#id.transport === "udp") this.#addDatagram(row, side, place);
    else this.#addSegment(row, side, place);
  }

  #addDatagram(row: number, side: 0 | 1, { view, at, transport }: Place): void {
    const length = view.getUint16(at + transport + 4) - 8;
    const bytes = this.#table.bytes(row).subarray(transport + 8, transport + 8 + length);
    if (length > 0) this.#emit(side, bytes, 0, row);
  }

  #addSegment(row: number, side: 0 | 1, { view, at, network, transport }: Place): void {
    const end = ipEnd(view, at, network);
    const from = transport + (view.getUint8(at + transport + 12) >> 4) * 4;
    const flags = view.getUint8(at + transport + 13);
    this.#sides[side].segment({
      seq: view.getUint32(at + transport + 4),
      syn: (flags & 0x02) !== 0,
      bytes: this.#table.bytes(row).subarray(from, end),
      length: Math.max(0, end - from),
      row,
    });
    if ((flags & 0x10) !== 0) this.#sides[side === 0 ? 1 : 0].acknowledged(view.getUint32(at + transport + 8));
  }

  #emit(side: 0 | 1, bytes: Uint8Array, gap: number, row: number): void {
    if (this.#bytes + bytes.length > MAX_BYTES) this.#cut = true;
    if (this.#cut) return;
    this.#bytes += bytes.length;
    this.#parts.push({ side, bytes: bytes.slice(), gap, number: this.#table.firstNumber + row, timeNs: this.#table.timeNs(row) });
  }

  /** Null when no packet was of the conversation. */
  end(): Stream | null {
    for (const side of this.#sides) side.end();
    if (this.#talkers === null) return null;
    const filter = pairFilter(this.#id.transport, ...this.#talkers);
    return { id: this.#id, sides: this.#talkers, parts: this.#parts, cut: this.#cut, packets: this.#packets, filter };
  }
}

type Place = { readonly view: DataView; readonly at: number; readonly network: number; readonly transport: number };

function talker(end: Uint32Array): Talker {
  const view = new DataView(new ArrayBuffer(16));
  for (let i = 0; i < 4; i++) view.setUint32(i * 4, end[i] ?? 0);
  return { address: end[5] === 4 ? ipv4Text(view, 0) : ipv6Text(view, 0), port: end[4] ?? 0 };
}
