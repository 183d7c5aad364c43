import { closeSync, openSync } from "node:fs";
import { CaptureReader, type CapturedPacket } from "@sonde/pcapfile";
import { readSome } from "./descriptor.ts";

const CHUNK_BYTES = 1 << 20;

/** A packet of a file; its bytes are its own. `number` counts from 1. */
export type FilePacket = {
  readonly number: number;
  readonly linkType: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly wireLen: number;
  readonly bytes: Uint8Array;
};

/** Packets are handed over when so many, or so many of their bytes, have gathered. */
const BATCH_PACKETS = 4096;
const BATCH_BYTES = 4 << 20;

/**
 * Reads a capture file and yields its packets in batches of one link type each, in file order, in
 * memory that does not grow with the file. "-" is standard input. Throws CaptureFileError after the
 * packets before the damage were yielded, and what the file system throws.
 */
export function* readCaptureFile(path: string): Generator<readonly FilePacket[]> {
  const linkTypes: number[] = [];
  let ready: FilePacket[][] = [];
  let batch: FilePacket[] = [];
  let held = 0;
  let number = 0;
  const flush = (): void => {
    if (batch.length > 0) ready.push(batch);
    batch = [];
    held = 0;
  };
  const take = ({ interfaceId, bytes, offset, capLen, wireLen, seconds, nanoseconds }: Readonly<CapturedPacket>): void => {
    const linkType = linkTypes[interfaceId] ?? -1;
    if ((batch[0] && batch[0].linkType !== linkType) || held >= BATCH_BYTES || batch.length === BATCH_PACKETS) flush();
    batch.push({ number: ++number, linkType, seconds, nanoseconds, wireLen, bytes: bytes.slice(offset, offset + capLen) });
    held += capLen;
  };
  const reader = new CaptureReader({ interface: (id, { linkType }) => (linkTypes[id] = linkType), packet: take });
  const file = path === "-" ? 0 : openSync(path, "r");
  const chunk = new Uint8Array(CHUNK_BYTES);
  try {
    for (let got = readSome(file, chunk); got > 0; got = readSome(file, chunk)) {
      yield* guarded(() => reader.push(chunk.subarray(0, got)));
      yield* ready;
      ready = [];
    }
    yield* guarded(() => reader.end());
    flush();
    yield* ready;
  } finally {
    if (file !== 0) closeSync(file);
  }

  /** What was read before an error is handed over before it is thrown. */
  function* guarded(read: () => void): Generator<readonly FilePacket[]> {
    try {
      read();
    } catch (error) {
      flush();
      yield* ready;
      throw error;
    }
  }
}
