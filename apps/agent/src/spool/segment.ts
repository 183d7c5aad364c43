import { crc32 } from "node:zlib";
import { BATCH_HEADER_BYTES, BatchKind, FLOW_BYTES, MAX_BATCH_BYTES, RECORD_HEADER_BYTES, headerAt, viewOf } from "@sonde/protocol";

/**
 * A segment is a file of batches. Each begins at a multiple of 128 with a slot of 128 bytes: u32 magic, u32 bytes of the
 * batch, u32 CRC-32 of its body, u32 CRC-32 of the two before it and of its header; then its header. Its body follows,
 * zero-padded to 128. A slot lies within one sector, so that a header is replaced whole or not at all.
 */
export const SLOT_BYTES = 128;
const PREFIX_BYTES = SLOT_BYTES - BATCH_HEADER_BYTES;
/** The bytes SNDE. */
const MAGIC = 0x45444e53;
/** SNDX: the batch is not to be sent, and was counted. */
const VOID = 0x58444e53;
const at = { magic: 0, length: 4, bodyCrc: 8, headCrc: 12 } as const;
const padding = new Uint8Array(SLOT_BYTES);

/** Bytes that a batch takes in a segment. */
export function slotted(batchBytes: number): number {
  return Math.ceil((PREFIX_BYTES + batchBytes) / SLOT_BYTES) * SLOT_BYTES;
}

/** What is written for a batch: its slot, its body and the padding. */
export function partsOf(batch: Uint8Array): Uint8Array[] {
  const slot = Buffer.alloc(SLOT_BYTES);
  const body = batch.subarray(BATCH_HEADER_BYTES);
  slot.set(batch.subarray(0, BATCH_HEADER_BYTES), PREFIX_BYTES);
  slot.writeUInt32LE(MAGIC, at.magic);
  slot.writeUInt32LE(batch.byteLength, at.length);
  slot.writeUInt32LE(crc32(body), at.bodyCrc);
  sealSlot(slot);
  const rest = slotted(batch.byteLength) - PREFIX_BYTES - batch.byteLength;
  return [slot, ...(body.byteLength > 0 ? [body] : []), ...(rest > 0 ? [padding.subarray(0, rest)] : [])];
}

/** Computes the checksum of a slot whose header has changed. */
export function sealSlot(slot: Buffer): void {
  slot.writeUInt32LE(crc32(slot.subarray(PREFIX_BYTES), crc32(slot.subarray(at.length, at.headCrc))), at.headCrc);
}

/** Takes the sequence of its batch back. */
export function unsendSlot(slot: Buffer): void {
  slot.writeBigUInt64LE(0n, PREFIX_BYTES + headerAt.sequence);
  sealSlot(slot);
}

/** Marks a slot, so that no scan finds its batch again. */
export function voidSlot(slot: Buffer): void {
  slot.writeUInt32LE(VOID, at.magic);
}

/** A batch in a segment: `slot` and `batch` are views of the file's bytes as they were read. */
export type Found = { readonly offset: number; readonly slot: Buffer<ArrayBuffer>; readonly batch: Buffer<ArrayBuffer> };
export type Scan = {
  readonly sound: readonly Found[];
  /** Batches whose header can be read and whose body cannot. */
  readonly broken: readonly { readonly offset: number; readonly slot: Buffer<ArrayBuffer> }[];
  /** Places that make no sense: a torn end is one, so is each broken batch, and each stretch without a header. */
  readonly damaged: number;
  /** Where the last sound batch ends. */
  readonly end: number;
};

/** Finds the batches of one kind in the bytes of a segment, whatever they hold. */
export function scanSegment(file: Buffer<ArrayBuffer>, kind: BatchKind): Scan {
  const sound: Found[] = [];
  const broken: { offset: number; slot: Buffer<ArrayBuffer> }[] = [];
  let damaged = 0;
  let end = 0;
  let lost = false;
  for (let offset = 0; offset < file.length;) {
    const slot = file.subarray(offset, offset + SLOT_BYTES);
    const length = batchLength(slot, kind);
    if (length === null) {
      if (!lost) damaged++;
      lost = true;
      offset += SLOT_BYTES;
      continue;
    }
    lost = false;
    const batch = file.subarray(offset + PREFIX_BYTES, offset + PREFIX_BYTES + length);
    if (slot.readUInt32LE(at.magic) === VOID) end = offset + slotted(length);
    else if (batch.length === length && crc32(batch.subarray(BATCH_HEADER_BYTES)) === slot.readUInt32LE(at.bodyCrc)) {
      sound.push({ offset, slot, batch });
      end = offset + slotted(length);
    } else {
      damaged++;
      broken.push({ offset, slot });
    }
    offset += slotted(length);
  }
  return { sound, broken, damaged, end: Math.min(end, file.length) };
}

/** Null when this is no slot of a batch of that kind. */
function batchLength(slot: Buffer, kind: BatchKind): number | null {
  if (slot.length < SLOT_BYTES) return null;
  const magic = slot.readUInt32LE(at.magic);
  const length = slot.readUInt32LE(at.length);
  if ((magic !== MAGIC && magic !== VOID) || length < BATCH_HEADER_BYTES || length > MAX_BATCH_BYTES) return null;
  if (crc32(slot.subarray(PREFIX_BYTES), crc32(slot.subarray(at.length, at.headCrc))) !== slot.readUInt32LE(at.headCrc)) return null;
  return slot.readUInt16LE(PREFIX_BYTES + headerAt.kind) === kind ? length : null;
}

/** What a slot says of its batch. `records`: records or flow records, no more than its length can hold; 0 of other kinds. */
export function slotFacts(slot: Buffer): {
  readonly sequence: bigint;
  readonly records: number;
  readonly sampleN: number;
  readonly snaplen: number;
} {
  const header = viewOf(slot.subarray(PREFIX_BYTES));
  const kind = header.getUint16(headerAt.kind, true);
  const least = kind === BatchKind.records ? RECORD_HEADER_BYTES : kind === BatchKind.flows ? FLOW_BYTES : Infinity;
  const fitting = Math.floor((slot.readUInt32LE(at.length) - BATCH_HEADER_BYTES) / least);
  return {
    sequence: header.getBigUint64(headerAt.sequence, true),
    records: Math.min(header.getUint32(headerAt.count, true), fitting),
    sampleN: header.getUint32(headerAt.sampleN, true),
    snaplen: header.getUint32(headerAt.snaplen, true),
  };
}
