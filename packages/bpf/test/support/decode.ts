import {
  BATCH_HEADER_BYTES,
  COUNTER_ROW_BYTES,
  FILTER_ROW_BYTES,
  RECORD_HEADER_BYTES,
  RecordFlag,
  TUNNEL_BYTES,
  counterRowAt,
  filterRowAt,
  parseErrors,
  protoClasses,
  recordAt,
  sizeClasses,
  tcpFlagNames,
  tunnelAt,
  type ParseError,
  type ProtoClass,
} from "../../../protocol/src/layout.ts";
import { checkBatch, viewOf } from "../../../protocol/src/batch.ts";

export type Counts = { readonly frames: number; readonly packets: number; readonly bytes: number };
export type Row = {
  readonly ifindex: number;
  readonly direction: number;
  readonly hook: number;
  readonly proto: Record<ProtoClass, Counts>;
  readonly total: Counts;
  readonly unmatched: number;
  readonly sampledOut: number;
  readonly ringLost: number;
  readonly noReader: number;
  readonly delivered: number;
  readonly unflowed: Counts;
  readonly nonFlow: Counts;
  /** Segments with each flag, and frames of each size, that were seen: by name, and by least length. */
  readonly tcpFlags: Readonly<Record<string, number>>;
  readonly sizes: Readonly<Record<number, number>>;
  /** Only the errors that were seen. */
  readonly malformed: Partial<Record<ParseError, number>>;
};

/** The rows of Engine.readCounters(). */
export function decodeCounters(buffer: ArrayBuffer): Row[] {
  const view = new DataView(buffer);
  return Array.from({ length: view.getUint32(8, true) }, (_, i) => decodeRow(view, 16 + i * COUNTER_ROW_BYTES));
}

function decodeRow(view: DataView, at: number): Row {
  const u64 = (offset: number): number => Number(view.getBigUint64(at + offset, true));
  const countsAt = (base: number): Counts => ({ frames: u64(base), packets: u64(base + 8), bytes: u64(base + 16) });
  const counts = protoClasses.map((name, index) => [name, countsAt(counterRowAt.proto + index * counterRowAt.protoStride)] as const);
  const dropped = protoClasses.map((_, index) =>
    countsAt(counterRowAt.proto + counterRowAt.verdictStride + index * counterRowAt.protoStride),
  );
  if (dropped.some(({ frames }) => frames !== 0)) throw new Error("nothing drops packets yet");
  const seen = (names: readonly (string | number)[], base: number): Record<string, number> =>
    Object.fromEntries(names.map((name, i) => [name, u64(base + i * 8)] as const).filter(([, n]) => n > 0));
  const sum = (field: keyof Counts): number => counts.reduce((total, [, c]) => total + c[field], 0);
  return {
    ifindex: view.getUint32(at + counterRowAt.ifindex, true),
    direction: view.getUint8(at + counterRowAt.direction),
    hook: view.getUint8(at + counterRowAt.hook),
    proto: Object.fromEntries(counts) as Record<ProtoClass, Counts>,
    total: { frames: sum("frames"), packets: sum("packets"), bytes: sum("bytes") },
    unmatched: u64(counterRowAt.unmatched),
    sampledOut: u64(counterRowAt.sampledOut),
    ringLost: u64(counterRowAt.ringLost),
    noReader: u64(counterRowAt.noReader),
    delivered: u64(counterRowAt.delivered),
    unflowed: countsAt(counterRowAt.unflowed),
    nonFlow: countsAt(counterRowAt.nonFlow),
    tcpFlags: seen(tcpFlagNames, counterRowAt.tcpFlags),
    sizes: seen(sizeClasses, counterRowAt.sizes),
    malformed: seen(
      parseErrors.map((error, value) => error ?? `unnamed_${value}`),
      counterRowAt.malformed,
    ),
  };
}

export type Rec = Readonly<Record<Exclude<keyof typeof recordAt, "saddr" | "daddr">, number>> & {
  readonly saddr: string;
  readonly daddr: string;
  readonly bytes: Buffer;
  readonly tunnel: Tunnel | null;
};
/** struct sonde_tunnel; addresses as hex. */
export type Tunnel = Readonly<Record<Exclude<keyof typeof tunnelAt, "saddr" | "daddr">, number>> & {
  readonly saddr: string;
  readonly daddr: string;
};

/** The records of a batch from the reader; throws unless SPEC 2 holds for it. */
export function decodeBatch(bytes: Uint8Array): Rec[] {
  const view = viewOf(bytes);
  const checked = checkBatch(view);
  if (!checked.ok) throw new Error(checked.code);
  const records: Rec[] = [];
  for (let at = BATCH_HEADER_BYTES; at < view.byteLength; at += view.getUint16(at, true)) records.push(decodeRecord(view, at));
  const first = records[0]?.tsNs;
  if (Number(checked.value.firstNs) !== first) throw new Error("firstNs is not the first record's time");
  return records;
}

const widths: Partial<Record<keyof typeof recordAt, 1 | 2 | 4 | 8>> = {
  recLen: 2,
  capLen: 2,
  wireLen: 4,
  tsNs: 8,
  ifindex: 4,
  sampleN: 4,
  matched: 8,
  selected: 8,
  sportBe: 2,
  dportBe: 2,
  ethProtoBe: 2,
  vlanTci: 2,
  vlanInnerTci: 2,
  gsoSegs: 2,
  l3Off: 2,
  l4Off: 2,
};

function decodeRecord(view: DataView, at: number): Rec {
  const number = (name: keyof typeof recordAt): number => {
    const offset = at + recordAt[name];
    const width = widths[name] ?? 1;
    if (width === 8) return Number(view.getBigUint64(offset, true));
    if (width === 4) return view.getUint32(offset, true);
    return width === 2 ? view.getUint16(offset, !name.endsWith("Be")) : view.getUint8(offset);
  };
  const address = (offset: number): string => Buffer.from(view.buffer, view.byteOffset + at + offset, 16).toString("hex");
  const names = (Object.keys(recordAt) as (keyof typeof recordAt)[]).filter((name) => name !== "saddr" && name !== "daddr");
  const fields = Object.fromEntries(names.map((name) => [name, number(name)])) as Omit<Rec, "saddr" | "daddr" | "bytes" | "tunnel">;
  const tunnel = (fields.flags & RecordFlag.tunnel) !== 0 ? decodeTunnel(view, at + fields.recLen - TUNNEL_BYTES) : null;
  const end = at + fields.recLen - (tunnel === null ? 0 : TUNNEL_BYTES);
  const captured = view.byteOffset + at + RECORD_HEADER_BYTES;
  const bytes = Buffer.from(view.buffer, captured, fields.capLen);
  const padding = Buffer.from(view.buffer, captured + fields.capLen, end - at - RECORD_HEADER_BYTES - fields.capLen);
  if (padding.some((byte) => byte !== 0)) throw new Error("padding is not zero");
  return { ...fields, saddr: address(recordAt.saddr), daddr: address(recordAt.daddr), bytes, tunnel };
}

/** Of the 48 bytes at an offset. */
export function decodeTunnel(view: DataView, at: number): Tunnel {
  const address = (offset: number): string => Buffer.from(view.buffer, view.byteOffset + at + offset, 16).toString("hex");
  const u8 = (offset: number): number => view.getUint8(at + offset);
  return {
    saddr: address(tunnelAt.saddr),
    daddr: address(tunnelAt.daddr),
    sportBe: view.getUint16(at + tunnelAt.sportBe),
    dportBe: view.getUint16(at + tunnelAt.dportBe),
    ethProtoBe: view.getUint16(at + tunnelAt.ethProtoBe),
    l3Off: view.getUint16(at + tunnelAt.l3Off, true),
    id: view.getUint32(at + tunnelAt.id, true),
    type: u8(tunnelAt.type),
    ipProto: u8(tunnelAt.ipProto),
    tcpFlags: u8(tunnelAt.tcpFlags),
    flags: u8(tunnelAt.flags),
  };
}

/** Every frame is in exactly one class (SPEC 6.1). */
export function ledgerGap(row: Row): number {
  return row.total.frames - (row.unmatched + row.sampledOut + row.ringLost + row.noReader + row.delivered);
}

export type FilterRow = Readonly<Record<keyof typeof filterRowAt, number>>;

/** The rows of Engine.readFilterCounters(). */
export function decodeFilterCounters(buffer: ArrayBuffer): FilterRow[] {
  const view = new DataView(buffer);
  return Array.from({ length: view.getUint32(8, true) }, (_, i) => {
    const at = 16 + i * FILTER_ROW_BYTES;
    const entries = Object.entries(filterRowAt).map(([name, offset]) => [
      name,
      offset < 8 ? view.getUint32(at + offset, true) : Number(view.getBigUint64(at + offset, true)),
    ]);
    return Object.fromEntries(entries) as FilterRow;
  });
}

/** Every packet a filter took is in exactly one class (SPEC 6.4). */
export function filterGap(row: FilterRow): number {
  return row.matched - (row.sampledOut + row.ringLost + row.noReader + row.delivered);
}
