import { BATCH_HEADER_BYTES, COUNTER_ROW_BYTES, Direction, counterRowAt, protoClasses, type BatchHeader } from "@sonde/protocol";
import { copied, counterColumns, malformedOffsets, sides } from "./counter-columns.ts";

/** Totals of one counter batch: the ledger's classes (frames), and what passed the uplinks. */
export type CounterSums = {
  seen: number;
  unmatched: number;
  sampledOut: number;
  ringLost: number;
  noReader: number;
  delivered: number;
  uplinkPackets: number;
  uplinkBytes: number;
};
export type EncodedCounters = { readonly rows: Uint8Array; readonly rowCount: number; readonly sums: CounterSums };
export type EncodeInput = {
  readonly view: DataView;
  readonly header: BatchHeader;
  /** Interface ids by the ifindex announced. */
  readonly interfaces: ReadonlyMap<number, number>;
  readonly uplinks: ReadonlySet<number>;
  readonly hostUuid: Uint8Array;
  /** Hub time of the interval's end, microseconds since 1970. */
  readonly atUs: number;
};
export type Encoded = { ok: true; value: EncodedCounters } | { ok: false; code: "BATCH_RECORD" | "BATCH_INTERFACE" };

/** Microseconds from 1970 to 2000, where Postgres begins to count. */
const POSTGRES_EPOCH_US = 946_684_800_000_000;
/** A count of one interval this high (2^48) is no count: it would overflow the sums it goes into. */
const MAX_HIGH_WORD = 0xffff;
const MAX_I64 = 2n ** 63n - 1n;
const ROW_BYTES = 2 + 4 * counterColumns.length + 8 + 16 + 4 + 8 * (counterColumns.length - 3);

type Pair = { rx: number; tx: number };

/**
 * Rows of a checked counter batch in Postgres' binary COPY format (big-endian; "COPY" in its manual), one per
 * interface, read straight from the batch: no object and no bigint per count; zero becomes NULL.
 */
export function encodeCounters(input: EncodeInput): Encoded {
  const { view, header } = input;
  if (header.lastNs < header.firstNs || header.lastNs > MAX_I64) return { ok: false, code: "BATCH_RECORD" };
  const pairs = new Map<number, Pair>();
  for (let i = 0; i < header.count; i++) {
    const at = BATCH_HEADER_BYTES + i * COUNTER_ROW_BYTES;
    const ifindex = view.getUint32(at + counterRowAt.ifindex, true);
    const direction = view.getUint8(at + counterRowAt.direction);
    const side = direction === Direction.ingress ? "rx" : direction === Direction.egress ? "tx" : null;
    if (side === null || !countsInRange(view, at)) return { ok: false, code: "BATCH_RECORD" };
    if (!input.interfaces.has(ifindex)) return { ok: false, code: "BATCH_INTERFACE" };
    const pair = pairs.get(ifindex) ?? { rx: 0, tx: 0 };
    if (pair[side] !== 0) return { ok: false, code: "BATCH_RECORD" };
    pair[side] = at;
    pairs.set(ifindex, pair);
  }
  return { ok: true, value: write(input, pairs) };
}

function countsInRange(view: DataView, at: number): boolean {
  for (let offset = counterRowAt.proto; offset < COUNTER_ROW_BYTES; offset += 8) {
    if (view.getUint32(at + offset + 4, true) > MAX_HIGH_WORD) return false;
  }
  return true;
}

function write(input: EncodeInput, pairs: ReadonlyMap<number, Pair>): EncodedCounters {
  const { view, header } = input;
  const out = new Uint8Array(pairs.size * ROW_BYTES);
  const to = new DataView(out.buffer);
  const sums: CounterSums = {
    seen: 0,
    unmatched: 0,
    sampledOut: 0,
    ringLost: 0,
    noReader: 0,
    delivered: 0,
    uplinkPackets: 0,
    uplinkBytes: 0,
  };
  let p = 0;
  const i64 = (high: number, low: number): void => {
    to.setInt32(p, 8);
    to.setUint32(p + 4, high);
    to.setUint32(p + 8, low);
    p += 12;
  };
  const number = (value: number): void => {
    if (value === 0) {
      to.setInt32(p, -1);
      p += 4;
    } else i64(Math.floor(value / 2 ** 32), value >>> 0);
  };
  const interval = header.lastNs - header.firstNs;
  for (const [ifindex, pair] of pairs) {
    to.setInt16(p, counterColumns.length);
    p += 2;
    to.setInt32(p, 8);
    to.setBigInt64(p + 4, BigInt(Math.round(input.atUs - POSTGRES_EPOCH_US)));
    p += 12;
    to.setInt32(p, 16);
    out.set(input.hostUuid, p + 4);
    p += 20;
    to.setInt32(p, 4);
    to.setInt32(p + 4, input.interfaces.get(ifindex)!);
    p += 8;
    to.setInt32(p, 8);
    to.setBigInt64(p + 4, interval);
    to.setInt32(p + 12, 8);
    to.setBigInt64(p + 16, header.lastNs);
    p += 24;
    for (const side of sides) {
      const at = pair[side];
      for (const column of copied[side]) number(at === 0 ? 0 : countAt(view, at + column.at));
      number(at === 0 ? 0 : malformedAt(view, at));
      if (at !== 0) add(sums, view, at, input.uplinks.has(ifindex));
    }
  }
  return { rows: out.subarray(0, p), rowCount: pairs.size, sums };
}

/** A u64 below 2^48 as a number. */
function countAt(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

function malformedAt(view: DataView, at: number): number {
  let sum = 0;
  for (const offset of malformedOffsets) sum += countAt(view, at + offset);
  return sum;
}

function add(sums: CounterSums, view: DataView, at: number, uplink: boolean): void {
  for (let p = 0; p < protoClasses.length; p++) {
    const counts = at + counterRowAt.proto + p * counterRowAt.protoStride;
    sums.seen += countAt(view, counts);
    if (!uplink) continue;
    sums.uplinkPackets += countAt(view, counts + 8);
    sums.uplinkBytes += countAt(view, counts + 16);
  }
  sums.unmatched += countAt(view, at + counterRowAt.unmatched);
  sums.sampledOut += countAt(view, at + counterRowAt.sampledOut);
  sums.ringLost += countAt(view, at + counterRowAt.ringLost);
  sums.noReader += countAt(view, at + counterRowAt.noReader);
  sums.delivered += countAt(view, at + counterRowAt.delivered);
}
