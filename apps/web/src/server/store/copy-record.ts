import { RECORD_HEADER_BYTES, RecordFlag, TUNNEL_BYTES, recordAt, recordLength } from "@sonde/protocol";

/** Copies the record at `at` of a sound batch to `to`, with at most `most` bytes of its packet (SPEC 2.6), and returns its length there. */
export function copyRecord(batch: Buffer, at: number, out: Buffer, to: number, most: number): number {
  const recLen = batch.readUInt16LE(at + recordAt.recLen);
  if (batch.readUInt16LE(at + recordAt.capLen) <= most) return batch.copy(out, to, at, at + recLen);
  const length = recordLengthWithin(batch, at, most);
  const tunnel = hasTunnel(batch, at) ? TUNNEL_BYTES : 0;
  const packetEnd = batch.copy(out, to, at, at + RECORD_HEADER_BYTES + most) + to;
  out.fill(0, packetEnd, to + length - tunnel);
  batch.copy(out, to + length - tunnel, at + recLen - tunnel, at + recLen);
  out.writeUInt16LE(most, to + recordAt.capLen);
  out.writeUInt16LE(length, to + recordAt.recLen);
  return length;
}

/** Bytes the record takes with at most `most` bytes of its packet. */
export function recordLengthWithin(batch: Buffer, at: number, most: number): number {
  return recordLength(Math.min(batch.readUInt16LE(at + recordAt.capLen), most), hasTunnel(batch, at));
}

/** The same memory. */
export const bufferOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBufferLike>): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

const hasTunnel = (batch: Buffer, at: number): boolean => (batch.readUInt8(at + recordAt.flags) & RecordFlag.tunnel) !== 0;
