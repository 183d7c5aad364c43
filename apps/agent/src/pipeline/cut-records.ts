import { BATCH_HEADER_BYTES, headerAt, recordAt, viewOf } from "@sonde/protocol";

/** A capture under a bit of the masks, as two halves of 32 bits. */
export type BitCapture = {
  readonly low: number;
  readonly high: number;
  /** A record was made for it, at CLOCK_BOOTTIME ns; false: it is not to have it. */
  readonly take: (tsNs: number, capLen: number) => boolean;
};
/** The captures of a set, and the most bytes of a packet that each of its filters asks for, by bit. */
export type CutSet = { readonly captures: readonly BitCapture[]; readonly snaplens: readonly number[] };
export type CutBatch = {
  readonly batch: Uint8Array;
  readonly records: number;
  /** Records nothing selects any more. */ readonly dropped: number;
};

const LOW = recordAt.selected;
const HIGH = recordAt.selected + 4;
const RECORD_BYTES = 96;
const TUNNEL_BYTES = 48;
const HAS_TUNNEL = 0x40;

/** Number of the filter set a batch names. */
export const filterSetOf = (batch: Uint8Array): number => viewOf(batch).getUint32(headerAt.filterSet, true);

/**
 * Asks captures for each record of a batch that has their bits in `selected`, and takes the bits back of those that they
 * are not to have, in place. A record that is left without a bit goes, and one with bits of other filters alone keeps no
 * more bytes of the packet than they ask for: then the batch is a shorter copy.
 */
export function cutRecords(batch: Uint8Array, records: number, { captures, snaplens }: CutSet): CutBatch {
  const view = viewOf(batch);
  let dropped = 0;
  let to = BATCH_HEADER_BYTES;
  let last = 0;
  for (let at = to; at < batch.byteLength;) {
    const bytes = view.getUint16(at + recordAt.recLen, true);
    const most = keepBits(view, at, captures, snaplens);
    if (most >= 0) {
      last = to;
      to += move(batch, { view, to, at, bytes, most });
    } else dropped++;
    at += bytes;
  }
  if (to === batch.byteLength) return { batch, records, dropped };
  const left = batch.slice(0, to);
  reframe(left, records - dropped, last);
  return { batch: left, records: records - dropped, dropped };
}

/** The most bytes of the packet that what still selects a record asks for; -1 when nothing does. */
function keepBits(view: DataView, at: number, captures: readonly BitCapture[], snaplens: readonly number[]): number {
  let low = view.getUint32(at + LOW, true);
  let high = view.getUint32(at + HIGH, true);
  let changed = false;
  for (const capture of captures) {
    if (((low & capture.low) | (high & capture.high)) === 0 || capture.take(timeOf(view, at), view.getUint16(at + recordAt.capLen, true)))
      continue;
    low &= ~capture.low;
    high &= ~capture.high;
    changed = true;
  }
  if (!changed) return Infinity;
  view.setUint32(at + LOW, low >>> 0, true);
  view.setUint32(at + HIGH, high >>> 0, true);
  return snaplens.reduce((most, each, bit) => ((bit < 32 ? low >>> bit : high >>> (bit - 32)) & 1 ? Math.max(most, each) : most), -1);
}

type Moved = { readonly view: DataView; readonly to: number; readonly at: number; readonly bytes: number; readonly most: number };

/** Moves a record to where it is to lie, with no more than so many bytes of its packet; answers its length there. */
function move(batch: Uint8Array, { view, to, at, bytes, most }: Moved): number {
  const capLen = view.getUint16(at + recordAt.capLen, true);
  if (capLen <= most) {
    if (to !== at) batch.copyWithin(to, at, at + bytes);
    return bytes;
  }
  const tunnel = (view.getUint8(at + recordAt.flags) & HAS_TUNNEL) === 0 ? 0 : TUNNEL_BYTES;
  const padded = (most + 7) & ~7;
  batch.copyWithin(to, at, at + RECORD_BYTES + most);
  batch.fill(0, to + RECORD_BYTES + most, to + RECORD_BYTES + padded);
  batch.copyWithin(to + RECORD_BYTES + padded, at + bytes - tunnel, at + bytes);
  view.setUint16(to + recordAt.capLen, most, true);
  view.setUint16(to + recordAt.recLen, RECORD_BYTES + padded + tunnel, true);
  return RECORD_BYTES + padded + tunnel;
}

/** ns as a number: exact in the first 104 days of a boot, and to two nanoseconds for a year. */
const timeOf = (view: DataView, at: number): number =>
  view.getUint32(at + recordAt.tsNs + 4, true) * 2 ** 32 + view.getUint32(at + recordAt.tsNs, true);

/** Count, length and times for the records that are left; `last`: where the last of them begins, 0 when none is. */
function reframe(batch: Uint8Array, records: number, last: number): void {
  const view = viewOf(batch);
  view.setUint32(headerAt.count, records, true);
  view.setUint32(headerAt.bodyLen, batch.byteLength - BATCH_HEADER_BYTES, true);
  if (last === 0) return;
  view.setBigUint64(headerAt.firstNs, view.getBigUint64(BATCH_HEADER_BYTES + recordAt.tsNs, true), true);
  view.setBigUint64(headerAt.lastNs, view.getBigUint64(last + recordAt.tsNs, true), true);
}
