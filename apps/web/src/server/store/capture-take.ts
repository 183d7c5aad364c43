import { BATCH_HEADER_BYTES, recordAt } from "@sonde/protocol";
import { bufferOf, copyRecord, recordLengthWithin } from "./copy-record.ts";

/** A bit of a filter set whose filter is a capture's, and the most bytes of a packet that it asks for. */
export type CaptureBit = { readonly captureId: string; readonly bit: number; readonly snaplen: number };

/** Records of one batch that a capture took, with no more of each packet than it asks for (SPEC 2.6, 10.1). */
export type CapturedPart = {
  readonly captureId: string;
  readonly packets: number;
  /** Captured bytes of the packets. */
  readonly bytes: number;
  /** Largest N they were taken with. */
  readonly sampleN: number;
  /** Least and greatest CLOCK_BOOTTIME, ns: records of several processors are not quite in order. */
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly records: Uint8Array;
};
/** Of a batch: `bootToWallNs` is what the session adds to its times where the capture did not settle on another figure. */
export type Captured = { readonly bootToWallNs: bigint; readonly parts: readonly CapturedPart[] };

/** The records of a checked batch that each capture selected. */
export function takeCaptured(view: DataView, count: number, captures: readonly CaptureBit[]): CapturedPart[] {
  return captures.flatMap(({ captureId, bit, snaplen }) => {
    const at = recordAt.selected + (bit >= 32 ? 4 : 0);
    const mask = 1 << (bit & 31);
    const keep = (record: number): boolean => (view.getUint32(record + at, true) & mask) !== 0;
    const part = collect({ captureId, snaplen }, view, BATCH_HEADER_BYTES, count, keep);
    return part === null ? [] : [part];
  });
}

/** The first packets of a part that fit: so many, and so many bytes; null: none does. */
export function cutPart(part: CapturedPart, packets: number, bytes: number): CapturedPart | null {
  const { buffer, byteOffset, byteLength } = part.records;
  const view = new DataView(buffer, byteOffset, byteLength);
  let room = bytes;
  let fit = 0;
  for (let at = 0; fit < Math.min(packets, part.packets); fit++, at += view.getUint16(at + recordAt.recLen, true)) {
    room -= view.getUint16(at + recordAt.capLen, true);
    if (room < 0) break;
  }
  return collect({ captureId: part.captureId, snaplen: Infinity }, view, 0, fit, () => true);
}

type Of = Pick<CaptureBit, "captureId" | "snaplen">;

/** Copies what `keep` lets through of `count` records from an offset on. */
function collect(
  { captureId, snaplen }: Of,
  view: DataView,
  from: number,
  count: number,
  keep: (record: number) => boolean,
): CapturedPart | null {
  const batch = bufferOf(view);
  const kept: number[] = [];
  let [at, size, bytes, sampleN] = [from, 0, 0, 1];
  let [firstNs, lastNs] = [2n ** 64n, 0n];
  for (let i = 0; i < count; i++, at += view.getUint16(at + recordAt.recLen, true)) {
    if (!keep(at)) continue;
    kept.push(at);
    size += recordLengthWithin(batch, at, snaplen);
    bytes += Math.min(view.getUint16(at + recordAt.capLen, true), snaplen);
    sampleN = Math.max(sampleN, view.getUint32(at + recordAt.sampleN, true));
    const tsNs = view.getBigUint64(at + recordAt.tsNs, true);
    if (tsNs < firstNs) firstNs = tsNs;
    if (tsNs > lastNs) lastNs = tsNs;
  }
  if (kept.length === 0) return null;
  const records = Buffer.allocUnsafeSlow(size);
  let to = 0;
  for (const record of kept) to += copyRecord(batch, record, records, to, snaplen);
  return { captureId, packets: kept.length, bytes, sampleN, firstNs, lastNs, records };
}
