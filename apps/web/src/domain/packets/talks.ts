import { ipv4Text, ipv6Text, macText } from "../address.ts";
import { Ends, END_WORDS, FAMILY_ETHERNET, FAMILY_IPV4, PAIR_WORDS } from "./ends.ts";
import type { PacketTable } from "./table.ts";
import type { Conversation, Endpoint, Ranked, TalkKind, Talker } from "./types.ts";
import { WordMap } from "./wordMap.ts";

/** Rows of an answer; more are counted. */
const MAX_ROWS = 2000;

/** Counts of one direction, or of one end. */
type Counted = { packets: number; bytes: number };
type Pair = { readonly forwards: Counted; readonly backwards: Counted; firstRow: number; lastRow: number };

/** Adds up who spoke to whom, packet by packet. */
export class Talks {
  readonly #table: PacketTable;
  readonly #kind: TalkKind;
  readonly #ends = new Ends();
  readonly #pairKeys = new WordMap(PAIR_WORDS);
  readonly #pairs: Pair[] = [];

  constructor(table: PacketTable, kind: TalkKind) {
    this.#table = table;
    this.#kind = kind;
  }

  add(row: number): void {
    const ends = this.#ends;
    if (!ends.readRow(this.#kind, this.#table, row)) return;
    const number = this.#pairKeys.add(ends.pair);
    const pair = (this.#pairs[number] ??= { forwards: none(), backwards: none(), firstRow: row, lastRow: row });
    pair.lastRow = row;
    const counted = ends.forwards ? pair.forwards : pair.backwards;
    counted.packets++;
    counted.bytes += this.#table.columns.wireLen[row] ?? 0;
  }

  conversations(): Ranked<Conversation> {
    const ranked = ranking(this.#pairs, ({ forwards, backwards }) => forwards.bytes + backwards.bytes);
    return { total: this.#pairs.length, rows: ranked.map((number) => this.#conversation(number)) };
  }

  #conversation(number: number): Conversation {
    const { forwards, backwards, firstRow, lastRow } = this.#pairs[number] ?? {
      forwards: none(),
      backwards: none(),
      firstRow: 0,
      lastRow: 0,
    };
    const [a, b] = [this.#talker(number, 0), this.#talker(number, 1)];
    return {
      a,
      b,
      packetsAToB: forwards.packets,
      packetsBToA: backwards.packets,
      bytesAToB: forwards.bytes,
      bytesBToA: backwards.bytes,
      startNs: this.#table.timeNs(firstRow),
      durationNs: Number(this.#table.timeNs(lastRow) - this.#table.timeNs(firstRow)),
      filter: pairFilter(this.#kind, a, b),
    };
  }

  endpoints(): Ranked<Endpoint> {
    const keys = new WordMap(END_WORDS);
    const ends: { readonly talker: Talker; readonly sent: Counted; readonly received: Counted }[] = [];
    const key = new Uint32Array(END_WORDS);
    const end = (number: number, side: 0 | 1) => {
      for (let i = 0; i < 4; i++) key[i] = this.#pairKeys.word(number, side * 4 + i);
      key[4] = this.#port(number, side);
      key[5] = this.#pairKeys.word(number, 9);
      return (ends[keys.add(key)] ??= { talker: this.#talker(number, side), sent: none(), received: none() });
    };
    for (const [number, { forwards, backwards }] of this.#pairs.entries()) {
      const [a, b] = [end(number, 0), end(number, 1)];
      for (const into of [a.sent, b.received]) sum(into, forwards);
      for (const into of [b.sent, a.received]) sum(into, backwards);
    }
    const rows = ranking(ends, ({ sent, received }) => sent.bytes + received.bytes).flatMap((number) => ends[number] ?? []);
    return {
      total: ends.length,
      rows: rows.map(({ talker, sent, received }) => ({
        ...talker,
        packetsSent: sent.packets,
        packetsReceived: received.packets,
        bytesSent: sent.bytes,
        bytesReceived: received.bytes,
        filter: endFilter(this.#kind, talker),
      })),
    };
  }

  #port(number: number, side: 0 | 1): number {
    const ports = this.#pairKeys.word(number, 8);
    return side === 0 ? ports >>> 16 : ports & 0xffff;
  }

  #talker(number: number, side: 0 | 1): Talker {
    const view = new DataView(new ArrayBuffer(16));
    for (let i = 0; i < 4; i++) view.setUint32(i * 4, this.#pairKeys.word(number, side * 4 + i));
    const family = this.#pairKeys.word(number, 9);
    const hasPort = this.#kind === "tcp" || this.#kind === "udp";
    return { address: addressText(view, family), port: hasPort ? this.#port(number, side) : null };
  }
}

function addressText(view: DataView, family: number): string {
  if (family === FAMILY_IPV4) return ipv4Text(view, 0);
  if (family !== FAMILY_ETHERNET) return ipv6Text(view, 0);
  view.setUint16(4, view.getUint32(4)); // its last two bytes are a word of their own
  return macText(view, 0);
}

const none = (): Counted => ({ packets: 0, bytes: 0 });
function sum(into: Counted, { packets, bytes }: Counted): void {
  into.packets += packets;
  into.bytes += bytes;
}

/** Numbers of the largest, the largest first. */
function ranking<T>(list: readonly T[], size: (one: T) => number): number[] {
  const sizes = list.map(size);
  return [...sizes.keys()].sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0)).slice(0, MAX_ROWS);
}

/** Takes what went from one end to the other, in both directions. */
export function pairFilter(kind: TalkKind, a: Talker, b: Talker): string {
  const way = (from: Talker, to: Talker): string => `(${side(kind, from, "src")} && ${side(kind, to, "dst")})`;
  return `${way(a, b)} || ${way(b, a)}`;
}

function endFilter(kind: TalkKind, talker: Talker): string {
  return talker.port === null ? side(kind, talker, "addr") : `(${side(kind, talker, "src")}) || (${side(kind, talker, "dst")})`;
}

function side(kind: TalkKind, { address, port }: Talker, which: "src" | "dst" | "addr"): string {
  const said = `${kind === "eth" ? "eth" : "ip"}.${which} == ${address}`;
  return port === null ? said : `${said} && ${kind}.${which}port == ${port}`;
}
