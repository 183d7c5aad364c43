import {
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  BATCH_VERSION,
  BatchKind,
  COUNTER_ROW_BYTES,
  MAX_BATCH_BYTES,
  RECORD_HEADER_BYTES,
  headerAt,
  recordAt,
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
 * Checks a whole batch: header, declared lengths, and that its records or rows tile the body exactly.
 * Reads no more than the view; allocates one header object and nothing per record (SPEC 2.1–2.9).
 */
export function checkBatch(view: DataView): Checked<BatchHeader> {
  if (view.byteLength < BATCH_HEADER_BYTES) return { ok: false, code: "BATCH_TRUNCATED" };
  if (view.byteLength > MAX_BATCH_BYTES) return { ok: false, code: "BATCH_TOO_LARGE" };
  if (view.getUint32(headerAt.magic, true) !== BATCH_MAGIC) return { ok: false, code: "BATCH_MAGIC" };
  if (view.getUint16(headerAt.version, true) !== BATCH_VERSION) return { ok: false, code: "BATCH_VERSION" };
  const value = readHeader(view);
  if (value.kind !== BatchKind.records && value.kind !== BatchKind.counters) return { ok: false, code: "BATCH_KIND" };
  if (value.bodyLen !== view.byteLength - BATCH_HEADER_BYTES) return { ok: false, code: "BATCH_LENGTH" };
  const tiled = value.kind === BatchKind.records ? recordsTile(view, value.count) : rowsTile(value);
  return tiled ? { ok: true, value } : { ok: false, code: "BATCH_RECORD" };
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

function rowsTile(header: BatchHeader): boolean {
  return header.bodyLen === header.count * COUNTER_ROW_BYTES;
}

function recordsTile(view: DataView, count: number): boolean {
  let at = BATCH_HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    if (at + RECORD_HEADER_BYTES > view.byteLength) return false;
    const recLen = view.getUint16(at + recordAt.recLen, true);
    const capLen = view.getUint16(at + recordAt.capLen, true);
    if (recLen !== recordLength(capLen) || at + recLen > view.byteLength) return false;
    if (capLen > view.getUint32(at + recordAt.wireLen, true)) return false;
    at += recLen;
  }
  return at === view.byteLength;
}

/** Bytes a record takes with `capLen` captured bytes: header, bytes, zero padding to 8. */
export function recordLength(capLen: number): number {
  return RECORD_HEADER_BYTES + ((capLen + 7) & ~7);
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
