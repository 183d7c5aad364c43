/** A flood of known frames through overlapping filters, and what each class of the ledger must then add up to. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askLibpcap } from "../../../../test/conformance/reference.ts";
import { generatePackets } from "../../../../test/support/generate.ts";
import type { Random } from "../../../../test/support/random.ts";
import { viewOf } from "../../../protocol/src/batch.ts";
import { BATCH_HEADER_BYTES, recordAt } from "../../../protocol/src/layout.ts";
import type { ClassicInstruction, Filter } from "../../src/index.ts";
import type { FilterRow } from "./decode.ts";
import { pcap } from "./frames.ts";

/** Overlapping on purpose: most packets match several, some match none. */
const expressions = [
  ...["tcp", "udp", "ip", "ip6", "arp", "vlan", "icmp or icmp6", "pppoes", "len > 700", "len < 70"],
  ...["port 443", "port 53", "src port 80", "dst port 22", "portrange 0-1023", "tcp port 8080", "udp port 4789", "host 192.0.2.1"],
  ...["src host 10.0.0.1", "net 10.0.0.0/8", "dst net 198.51.100.0/24", "ip6 host 2001:db8::1", "tcp[tcpflags] & tcp-syn != 0"],
  ...[
    "ip[8] > 64",
    "ether[20] = 1",
    "ether broadcast",
    "vlan and ip",
    "ip proto 47",
    "ip and not tcp and not udp",
    "ip[6:2] & 0x1fff != 0",
  ],
  ...["tcp or udp", "ether[60] = 100"],
];
const rates = [1, 1, 2, 3, 5, 7, 10, 30, 100, 1000];
const snaplens = [0, 1, 20, 54, 64, 96, 128, 200, 300, 1500];

/** `ret #0`: no device here is without link header. */
const nothing: readonly ClassicInstruction[] = [{ code: 0x06, jt: 0, jf: 0, k: 0 }];

/** Frames that a veth carries whole, of every kind the parser knows. */
function someFrames(random: Random, count: number): readonly Buffer[] {
  return generatePackets(random, 4 * count)
    .filter(({ bytes, wireLen }) => bytes.length === wireLen && wireLen >= 60 && wireLen <= 1500)
    .slice(0, count)
    .map(({ bytes }) => Buffer.from(bytes));
}

/** What is known of a flood beforehand, by libpcap: which of 32 filters take each frame, one bit each. */
export type Flood = {
  readonly frames: readonly Buffer[];
  readonly masks: readonly number[];
  readonly programs: readonly (readonly ClassicInstruction[])[];
};

export function knownFlood(random: Random, count: number): Flood {
  const frames = someFrames(random, count);
  const folder = mkdtempSync(join(tmpdir(), "sonde-ledger-"));
  try {
    const path = join(folder, "frames.pcap");
    writeFileSync(path, pcap(frames));
    const masks = frames.map(() => 0);
    const programs = askLibpcap(path, expressions).answers.map((answer, bit) => {
      if (!answer.ok) throw new Error(`${expressions[bit]}: ${answer.reason}`);
      for (const number of answer.numbers) masks[number - 1] = ((masks[number - 1] ?? 0) | (1 << bit)) >>> 0;
      return answer.program;
    });
    return { frames, masks, programs };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The 32 filters, of different rates; no more than `maxSnaplen` bytes of each packet. */
export const filtersOf = ({ programs }: Flood, maxSnaplen = 1500): readonly Filter[] =>
  programs.map((ethernet, i) => ({
    ethernet,
    raw: nothing,
    sampleN: rates[i % rates.length] ?? 1,
    snaplen: Math.min(maxSnaplen, snaplens[(3 * i) % snaplens.length] ?? 0),
  }));

/** How many of the first `sent` frames of an endless repetition each filter takes, and how many none takes. */
export function expectedCounts({ masks }: Flood, sent: number): { readonly matched: readonly number[]; readonly unmatched: number } {
  const times = (i: number): number => Math.floor(sent / masks.length) + (i < sent % masks.length ? 1 : 0);
  const sum = (takes: (mask: number) => boolean): number => masks.reduce((total, mask, i) => total + (takes(mask) ? times(i) : 0), 0);
  return { matched: expressions.map((_, bit) => sum((mask) => ((mask >>> bit) & 1) === 1)), unmatched: sum((mask) => mask === 0) };
}

/** What user space makes of the records: counts per filter, and whether each record could be as it is. */
export class Received {
  records = 0;
  readonly selected = expressions.map(() => 0);
  readonly matched = expressions.map(() => 0);
  readonly wrong: string[] = [];
  readonly #filters: readonly Filter[];

  constructor(filters: readonly Filter[]) {
    this.#filters = filters;
  }

  take(batch: Uint8Array): void {
    const view = viewOf(batch);
    for (let at = BATCH_HEADER_BYTES; at < view.byteLength; at += view.getUint16(at + recordAt.recLen, true)) this.#record(view, at);
  }

  #record(view: DataView, at: number): void {
    this.records++;
    // 32 filters: the upper halves stay empty
    const matched = view.getUint32(at + recordAt.matched, true);
    const selected = view.getUint32(at + recordAt.selected, true);
    const beyond = view.getUint32(at + recordAt.matched + 4, true) | view.getUint32(at + recordAt.selected + 4, true);
    let snaplen = 0;
    let least = Infinity;
    for (const [bit, one] of this.#filters.entries()) {
      if ((matched >>> bit) & 1) this.matched[bit] = (this.matched[bit] ?? 0) + 1;
      if (((selected >>> bit) & 1) === 0) continue;
      this.selected[bit] = (this.selected[bit] ?? 0) + 1;
      snaplen = Math.max(snaplen, one.snaplen);
      least = Math.min(least, one.sampleN);
    }
    // One random number a packet: what a rare filter chose, every more frequent one that matched chose too.
    const most = Math.max(...this.#filters.map(({ sampleN }, bit) => ((selected >>> bit) & 1 ? sampleN : 0)));
    const missing = this.#filters.some(({ sampleN }, bit) => (matched >>> bit) & 1 && sampleN <= most && ((selected >>> bit) & 1) === 0);
    const meta = view.getUint8(at + recordAt.flags) & 0x04 ? 4 : 0; // SONDE_REC_VLAN_META: the tag is not among the bytes
    const capLen = view.getUint16(at + recordAt.capLen, true);
    const wire = view.getUint32(at + recordAt.wireLen, true) - meta;
    const sound =
      beyond === 0 &&
      selected !== 0 &&
      (selected & ~matched) === 0 &&
      !missing &&
      capLen === Math.min(snaplen, wire) &&
      view.getUint32(at + recordAt.sampleN, true) === least;
    if (!sound && this.wrong.length < 10)
      this.wrong.push(`matched ${matched.toString(16)} selected ${selected.toString(16)} capLen ${capLen} of ${wire}, ${snaplen} wanted`);
  }
}

/** matched, delivered and so on of every filter of a set, by its bit. */
export const column = (rows: readonly FilterRow[], name: keyof FilterRow): readonly number[] => rows.map((row) => row[name]);
