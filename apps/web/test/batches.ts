import {
  BATCH_HEADER_BYTES,
  BatchKind,
  COUNTER_ROW_BYTES,
  FILTER_ROW_BYTES,
  FLOW_BYTES,
  FlowEnd,
  RECORD_HEADER_BYTES,
  counterRowAt,
  filterRowAt,
  flowAt,
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
  /** Frames, packets and bytes alike. */
  dropped?: number;
  unflowed?: number;
  nonFlow?: number;
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
    for (const part of [0, 8, 16]) {
      u64(counterRowAt.proto + counterRowAt.verdictStride + part, row.dropped ?? 0);
      u64(counterRowAt.unflowed + part, row.unflowed ?? 0);
      u64(counterRowAt.nonFlow + part, row.nonFlow ?? 0);
    }
    u64(counterRowAt.tcpFlags + 8, row.frames);
    u64(counterRowAt.sizes + 8, row.frames);
  });
  return bytes;
}

/** A flow record of TCP from 192.0.2.1:40000 to 2001:db8::2 or 198.51.100.2:443, 100 bytes a frame. */
export type FlowRow = {
  ifindex: number;
  direction: 1 | 2;
  frames: number;
  family?: 4 | 6;
  vlan?: number;
  tunnelId?: number;
  lastNs?: bigint;
};

export function flowBatch(of: Of, rows: readonly FlowRow[], queueLost = 0n): Uint8Array {
  const bytes = frame(of, BatchKind.flows, rows.length, rows.length * FLOW_BYTES, { queueLost });
  const view = viewOf(bytes);
  rows.forEach((row, i) => {
    const at = BATCH_HEADER_BYTES + i * FLOW_BYTES;
    const family = row.family ?? 4;
    const addresses = family === 4 ? ["c0000201", "c6336402"] : [`20010db8${"00".repeat(11)}01`, `20010db8${"00".repeat(11)}02`];
    addresses.forEach((hex, side) => bytes.set(Buffer.from(hex, "hex"), at + (side === 0 ? flowAt.saddr : flowAt.daddr)));
    view.setUint16(at + flowAt.sportBe, 40_000);
    view.setUint16(at + flowAt.dportBe, 443);
    view.setUint32(at + flowAt.ifindex, row.ifindex, true);
    view.setUint16(at + flowAt.vlan, row.vlan === undefined ? 0 : 0x1000 | row.vlan, true);
    view.setUint32(at + flowAt.tunnelId, row.tunnelId ?? 0, true);
    view.setUint8(at + flowAt.tunnel, row.tunnelId === undefined ? 0 : 1);
    view.setUint8(at + flowAt.family, family);
    view.setUint8(at + flowAt.ipProto, 6);
    view.setUint8(at + flowAt.direction, row.direction);
    view.setBigUint64(at + flowAt.firstNs, 1_000_000_000n, true);
    view.setBigUint64(at + flowAt.lastNs, row.lastNs ?? 2_000_000_000n, true);
    view.setBigUint64(at + flowAt.frames, BigInt(row.frames), true);
    view.setBigUint64(at + flowAt.packets, BigInt(row.frames * 2), true);
    view.setBigUint64(at + flowAt.bytes, BigInt(row.frames * 100), true);
    view.setUint8(at + flowAt.tcpFlags, 0xdb);
    view.setUint8(at + flowAt.endReason, FlowEnd.idle);
  });
  return bytes;
}

/** Filter rows of [set, bit, matched], half of it sampled out. */
export function filterBatch(of: Of, rows: readonly (readonly [set: number, bit: number, matched: number])[]): Uint8Array {
  const bytes = frame(of, BatchKind.filterCounters, rows.length, rows.length * FILTER_ROW_BYTES, {});
  const view = viewOf(bytes);
  rows.forEach(([set, bit, matched], i) => {
    const at = BATCH_HEADER_BYTES + i * FILTER_ROW_BYTES;
    view.setUint32(at + filterRowAt.filterSet, set, true);
    view.setUint32(at + filterRowAt.bit, bit, true);
    view.setBigUint64(at + filterRowAt.matched, BigInt(matched), true);
    view.setBigUint64(at + filterRowAt.sampledOut, BigInt(matched / 2), true);
    view.setBigUint64(at + filterRowAt.delivered, BigInt(matched / 2), true);
  });
  return bytes;
}
