import {
  BATCH_HEADER_BYTES,
  BatchKind,
  COUNTER_ROW_BYTES,
  RECORD_HEADER_BYTES,
  counterRowAt,
  frameBatch,
  recordAt,
  stampBatch,
  viewOf,
} from "@sonde/protocol";

export type Of = { hostId: string; bootId: string; stream: bigint; sequence: bigint };

function frame(
  of: Of,
  kind: BatchKind,
  count: number,
  bodyLen: number,
  more: { queueLost?: bigint; firstNs?: bigint; lastNs?: bigint },
): Uint8Array {
  const bytes = new Uint8Array(BATCH_HEADER_BYTES + bodyLen);
  const view = viewOf(bytes);
  frameBatch(view, { kind, count, bodyLen, firstNs: more.firstNs ?? 1_000_000_000n, lastNs: more.lastNs ?? 2_000_000_000n });
  stampBatch(view, { ...of, sampleN: 1, snaplen: 128, ringLost: 0n, queueLost: more.queueLost ?? 0n });
  return bytes;
}

/** A batch of `count` records without captured bytes. */
export function recordBatch(of: Of, count: number, queueLost = 0n): Uint8Array {
  const bytes = frame(of, BatchKind.records, count, count * RECORD_HEADER_BYTES, { queueLost });
  const view = viewOf(bytes);
  for (let i = 0; i < count; i++) {
    const at = BATCH_HEADER_BYTES + i * RECORD_HEADER_BYTES;
    view.setUint16(at + recordAt.recLen, RECORD_HEADER_BYTES, true);
    view.setUint32(at + recordAt.wireLen, 60, true);
  }
  return bytes;
}

/** A row: frames of the first class (tcp4), the ledger classes, and one malformed. */
export type Row = {
  ifindex: number;
  direction: 1 | 2;
  frames: number;
  packets: number;
  bytes: number;
  sampledOut?: number;
  delivered?: number;
  malformed?: number;
};

export function counterBatch(of: Of, rows: readonly Row[], lastNs = 2_000_000_000n): Uint8Array {
  const bytes = frame(of, BatchKind.counters, rows.length, rows.length * COUNTER_ROW_BYTES, { firstNs: lastNs - 1_000_000_000n, lastNs });
  const view = viewOf(bytes);
  rows.forEach((row, i) => {
    const at = BATCH_HEADER_BYTES + i * COUNTER_ROW_BYTES;
    const u64 = (offset: number, value: number): void => view.setBigUint64(at + offset, BigInt(value), true);
    view.setUint32(at + counterRowAt.ifindex, row.ifindex, true);
    view.setUint8(at + counterRowAt.direction, row.direction);
    u64(counterRowAt.proto, row.frames);
    u64(counterRowAt.proto + 8, row.packets);
    u64(counterRowAt.proto + 16, row.bytes);
    u64(counterRowAt.sampledOut, row.sampledOut ?? 0);
    u64(counterRowAt.delivered, row.delivered ?? row.frames - (row.sampledOut ?? 0));
    u64(counterRowAt.malformed + 8, row.malformed ?? 0);
  });
  return bytes;
}
