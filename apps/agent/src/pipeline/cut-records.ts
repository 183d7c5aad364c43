import { BATCH_HEADER_BYTES, headerAt, recordAt, viewOf } from "@sonde/protocol";

/** A capture under a bit of the masks, as two halves of 32 bits. */
export type BitCapture = {
  readonly low: number;
  readonly high: number;
  /** A record was made for it, at CLOCK_BOOTTIME ns; false: it is not to have it. */
  readonly take: (tsNs: number, capLen: number) => boolean;
};
export type CutBatch = {
  readonly batch: Uint8Array;
  readonly records: number;
  /** Records nothing selects any more. */ readonly dropped: number;
};

const LOW = recordAt.selected;
const HIGH = recordAt.selected + 4;

/** Number of the filter set a batch names. */
export const filterSetOf = (batch: Uint8Array): number => viewOf(batch).getUint32(headerAt.filterSet, true);

/**
 * Asks captures for each record of a batch that has their bits in `selected`, and takes the bits back of those that they
 * are not to have, in place. A record that is left without a bit goes: then the batch is a shorter copy.
 */
export function cutRecords(batch: Uint8Array, records: number, captures: readonly BitCapture[]): CutBatch {
  const view = viewOf(batch);
  let dropped = 0;
  let to = BATCH_HEADER_BYTES;
  let last = 0;
  for (let at = to; at < batch.byteLength;) {
    const bytes = view.getUint16(at + recordAt.recLen, true);
    if (keepBits(view, at, captures)) {
      if (to !== at) batch.copyWithin(to, at, at + bytes);
      last = to;
      to += bytes;
    } else dropped++;
    at += bytes;
  }
  if (dropped === 0) return { batch, records, dropped };
  const left = batch.slice(0, to);
  reframe(left, records - dropped, last);
  return { batch: left, records: records - dropped, dropped };
}

/** False when no bit of `selected` is left. */
function keepBits(view: DataView, at: number, captures: readonly BitCapture[]): boolean {
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
  if (!changed) return true;
  view.setUint32(at + LOW, low >>> 0, true);
  view.setUint32(at + HIGH, high >>> 0, true);
  return (low | high) !== 0;
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
