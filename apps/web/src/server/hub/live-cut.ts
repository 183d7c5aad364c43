import { BATCH_HEADER_BYTES, headerAt, recordAt } from "@sonde/protocol";
import { bufferOf, copyRecord, recordLengthWithin } from "../store/copy-record.ts";

/**
 * A sound batch of records as those may see it who watch the host: with no more of each packet than the filters that
 * selected it let them have; `live` has their limits by bit. The batch itself where nothing has to go.
 */
export function cutForLive(batch: Uint8Array, count: number, live: readonly number[]): Uint8Array {
  if (live.length === 0) return batch;
  const bytes = bufferOf(batch);
  const limits = new Uint32Array(count);
  let size = BATCH_HEADER_BYTES;
  let isWithin = true;
  for (let i = 0, at = size; i < count; i++, at += bytes.readUInt16LE(at + recordAt.recLen)) {
    limits[i] = limitOf(bytes, at, live);
    size += recordLengthWithin(bytes, at, limits[i]!);
    if (bytes.readUInt16LE(at + recordAt.capLen) > limits[i]!) isWithin = false;
  }
  if (isWithin) return batch;
  const out = Buffer.allocUnsafeSlow(size);
  let to = bytes.copy(out, 0, 0, BATCH_HEADER_BYTES);
  out.writeUInt32LE(size - BATCH_HEADER_BYTES, headerAt.bodyLen);
  for (let i = 0, at = to; i < count; i++, at += bytes.readUInt16LE(at + recordAt.recLen)) {
    to += copyRecord(bytes, at, out, to, limits[i]!);
  }
  return out;
}

function limitOf(bytes: Buffer, at: number, live: readonly number[]): number {
  const low = bytes.readUInt32LE(at + recordAt.selected);
  const high = bytes.readUInt32LE(at + recordAt.selected + 4);
  let most = 0;
  for (let bit = 0; bit < live.length; bit++) {
    const selects = (bit < 32 ? low >>> bit : high >>> (bit - 32)) & 1;
    if (selects === 1 && live[bit]! > most) most = live[bit]!;
  }
  return most;
}
