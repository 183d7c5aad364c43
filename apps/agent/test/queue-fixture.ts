import { BATCH_HEADER_BYTES, BatchKind, FLOW_BYTES, frameBatch, viewOf } from "@sonde/protocol";
import { BatchQueue } from "../src/pipeline/queue.ts";
import type { Committed, Outgoing } from "../src/pipeline/queue-types.ts";

export const hostId = "6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11";
export const bootId = "0c0b7a52-9d7f-4f1a-8a3e-1f5d3c2b1a09";
export const counters = (): ArrayBuffer => {
  const bytes = new ArrayBuffer(BATCH_HEADER_BYTES);
  frameBatch(viewOf(bytes), { kind: BatchKind.counters, count: 0, bodyLen: 0, firstNs: 1n, lastNs: 2n });
  return bytes;
};
/** Only its size and its number of records matter to the queue. */
export const records = (size: number): Uint8Array => new Uint8Array(Math.max(size, BATCH_HEADER_BYTES));
export const queueOf = (maxRecordBytes?: number): BatchQueue =>
  new BatchQueue({
    hostId,
    bootId,
    stream: 7n,
    sampleN: 1,
    snaplen: 128,
    ...(maxRecordBytes === undefined ? {} : { maxRecordBytes, maxFlowBytes: maxRecordBytes }),
  });
/** So many flow records that say nothing. */
export const flows = (count: number): ArrayBuffer => {
  const bytes = new ArrayBuffer(BATCH_HEADER_BYTES + count * FLOW_BYTES);
  frameBatch(viewOf(bytes), { kind: BatchKind.flows, count, bodyLen: count * FLOW_BYTES, firstNs: 1n, lastNs: 2n });
  return bytes;
};
export const none: Committed = { records: 0n, counters: 0n, flows: 0n, filterCounters: 0n };
export const drain = (queue: BatchQueue, window = 1000): Outgoing[] => {
  const out: Outgoing[] = [];
  for (let next = queue.next(window); next !== null; next = queue.next(window)) out.push(next);
  return out;
};
