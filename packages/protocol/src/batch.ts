import {
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  BATCH_VERSION,
  BatchKind,
  COUNTER_ROW_BYTES,
  Direction,
  FILTER_ROW_BYTES,
  FLOW_BYTES,
  FlowEnd,
  MAX_BATCH_BYTES,
  RECORD_HEADER_BYTES,
  RecordFlag,
  TUNNEL_BYTES,
  batchKinds,
  counterRowAt,
  flowAt,
  headerAt,
  recordAt,
  tunnelTypes,
  verdicts,
} from "./layout.ts";
import { uuidFromBytes, uuidToBytes } from "./uuid.ts";

/** Batch header as values; times are CLOCK_BOOTTIME nanoseconds, losses cumulative per stream (SPEC 2). */
export type BatchHeader = {
  readonly kind: BatchKind;
  readonly hostId: string;
  readonly bootId: string;
  readonly stream: bigint;
  readonly sequence: bigint;
  readonly filterSet: number;
  readonly count: number;
  readonly bodyLen: number;
  readonly sampleN: number;
  readonly snaplen: number;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly ringLost: bigint;
  readonly queueLost: bigint;
};

/** What the agent stamps on a batch the addon or the counter reader has filled. */
export type BatchStamp = Pick<BatchHeader, "hostId" | "bootId" | "stream" | "sequence" | "sampleN" | "snaplen" | "ringLost" | "queueLost">;

export type BatchErrorCode =
  | "BATCH_TRUNCATED"
  | "BATCH_TOO_LARGE"
  | "BATCH_MAGIC"
  | "BATCH_VERSION"
  | "BATCH_KIND"
  | "BATCH_LENGTH"
  | "BATCH_RECORD";

export type Checked<T> = { ok: true; value: T } | { ok: false; code: BatchErrorCode };

/** A view over exactly the bytes of `bytes`, whatever buffer they lie in. */
export function viewOf(bytes: ArrayBuffer | Uint8Array): DataView {
  return bytes instanceof Uint8Array ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new DataView(bytes);
}

/**
 * Checks a whole batch: header, declared lengths, that its records or rows tile the body exactly and hold nothing
 * that no sender writes. Reads no more than the view; allocates one header object and nothing per record (SPEC 2.1–2.11).
 */
export function checkBatch(view: DataView): Checked<BatchHeader> {
  if (view.byteLength < BATCH_HEADER_BYTES) return { ok: false, code: "BATCH_TRUNCATED" };
  if (view.byteLength > MAX_BATCH_BYTES) return { ok: false, code: "BATCH_TOO_LARGE" };
  if (view.getUint32(headerAt.magic, true) !== BATCH_MAGIC) return { ok: false, code: "BATCH_MAGIC" };
  if (view.getUint16(headerAt.version, true) !== BATCH_VERSION) return { ok: false, code: "BATCH_VERSION" };
  const value = readHeader(view);
  if (batchKinds[value.kind - 1] === undefined) return { ok: false, code: "BATCH_KIND" };
  if (value.bodyLen !== view.byteLength - BATCH_HEADER_BYTES) return { ok: false, code: "BATCH_LENGTH" };
  const sound = view.getUint32(headerAt.reserved, true) === 0 && bodySound(view, value);
  return sound ? { ok: true, value } : { ok: false, code: "BATCH_RECORD" };
}

function bodySound(view: DataView, { kind, count }: BatchHeader): boolean {
  switch (kind) {
    case BatchKind.records:
      return recordsTile(view, count);
    case BatchKind.counters:
      return rowsSound(view, count, COUNTER_ROW_BYTES, counterRowSound);
    case BatchKind.flows:
      return rowsSound(view, count, FLOW_BYTES, flowSound);
    case BatchKind.filterCounters:
      return rowsSound(view, count, FILTER_ROW_BYTES, null);
  }
}

function readHeader(view: DataView): BatchHeader {
  return {
    kind: view.getUint16(headerAt.kind, true) as BatchKind,
    hostId: uuidFromBytes(view, headerAt.hostId),
    bootId: uuidFromBytes(view, headerAt.bootId),
    stream: view.getBigUint64(headerAt.stream, true),
    sequence: view.getBigUint64(headerAt.sequence, true),
    filterSet: view.getUint32(headerAt.filterSet, true),
    count: view.getUint32(headerAt.count, true),
    bodyLen: view.getUint32(headerAt.bodyLen, true),
    sampleN: view.getUint32(headerAt.sampleN, true),
    snaplen: view.getUint32(headerAt.snaplen, true),
    firstNs: view.getBigUint64(headerAt.firstNs, true),
    lastNs: view.getBigUint64(headerAt.lastNs, true),
    ringLost: view.getBigUint64(headerAt.ringLost, true),
    queueLost: view.getBigUint64(headerAt.queueLost, true),
  };
}

function rowsSound(view: DataView, count: number, rowBytes: number, sound: ((view: DataView, at: number) => boolean) | null): boolean {
  if (view.byteLength - BATCH_HEADER_BYTES !== count * rowBytes) return false;
  if (sound === null) return true;
  for (let at = BATCH_HEADER_BYTES; at < view.byteLength; at += rowBytes) if (!sound(view, at)) return false;
  return true;
}

function isDirection(value: number): boolean {
  return value === Direction.ingress || value === Direction.egress;
}

function counterRowSound(view: DataView, at: number): boolean {
  return isDirection(view.getUint8(at + counterRowAt.direction)) && view.getUint16(at + counterRowAt.reserved, true) === 0;
}

function flowSound(view: DataView, at: number): boolean {
  const family = view.getUint8(at + flowAt.family);
  const endReason = view.getUint8(at + flowAt.endReason);
  return (
    (family === 4 || family === 6) &&
    isDirection(view.getUint8(at + flowAt.direction)) &&
    view.getUint8(at + flowAt.tunnel) < tunnelTypes.length &&
    view.getUint8(at + flowAt.verdict) < verdicts.length &&
    endReason >= FlowEnd.idle &&
    endReason <= FlowEnd.noResources &&
    view.getUint32(at + flowAt.keyReserved, true) === 0 &&
    view.getUint8(at + flowAt.reserved) === 0 &&
    view.getUint32(at + flowAt.reserved + 1, true) === 0 &&
    inOrder(view, at)
  );
}

/** first ≤ last, compared by halves: no bigint per flow. */
function inOrder(view: DataView, at: number): boolean {
  const firstHigh = view.getUint32(at + flowAt.firstNs + 4, true);
  const lastHigh = view.getUint32(at + flowAt.lastNs + 4, true);
  if (firstHigh !== lastHigh) return firstHigh < lastHigh;
  return view.getUint32(at + flowAt.firstNs, true) <= view.getUint32(at + flowAt.lastNs, true);
}

function recordsTile(view: DataView, count: number): boolean {
  let at = BATCH_HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    if (at + RECORD_HEADER_BYTES > view.byteLength) return false;
    const recLen = view.getUint16(at + recordAt.recLen, true);
    const capLen = view.getUint16(at + recordAt.capLen, true);
    const tunnelled = (view.getUint8(at + recordAt.flags) & RecordFlag.tunnel) !== 0;
    if (recLen !== recordLength(capLen, tunnelled) || at + recLen > view.byteLength) return false;
    if (capLen > view.getUint32(at + recordAt.wireLen, true)) return false;
    at += recLen;
  }
  return at === view.byteLength;
}

/** Bytes a record takes with `capLen` captured bytes: header, bytes, zero padding to 8, and what its tunnel carries. */
export function recordLength(capLen: number, tunnelled = false): number {
  return RECORD_HEADER_BYTES + ((capLen + 7) & ~7) + (tunnelled ? TUNNEL_BYTES : 0);
}

/** Writes the fields only the agent knows into a batch that lies ready in wire layout. */
export function stampBatch(view: DataView, stamp: BatchStamp): void {
  uuidToBytes(stamp.hostId, view, headerAt.hostId);
  uuidToBytes(stamp.bootId, view, headerAt.bootId);
  view.setBigUint64(headerAt.stream, stamp.stream, true);
  view.setBigUint64(headerAt.sequence, stamp.sequence, true);
  view.setUint32(headerAt.sampleN, stamp.sampleN, true);
  view.setUint32(headerAt.snaplen, stamp.snaplen, true);
  view.setBigUint64(headerAt.ringLost, stamp.ringLost, true);
  view.setBigUint64(headerAt.queueLost, stamp.queueLost, true);
}

/** The frame of a batch around `bodyLen` body bytes; the stamp fields stay zero. */
export type BatchFrame = {
  readonly kind: BatchKind;
  readonly count: number;
  readonly bodyLen: number;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
};

/** Writes magic, version and frame at the start of `view` (the addon does the same in C++). */
export function frameBatch(view: DataView, frame: BatchFrame): void {
  view.setUint32(headerAt.magic, BATCH_MAGIC, true);
  view.setUint16(headerAt.version, BATCH_VERSION, true);
  view.setUint16(headerAt.kind, frame.kind, true);
  view.setUint32(headerAt.count, frame.count, true);
  view.setUint32(headerAt.bodyLen, frame.bodyLen, true);
  view.setBigUint64(headerAt.firstNs, frame.firstNs, true);
  view.setBigUint64(headerAt.lastNs, frame.lastNs, true);
}
