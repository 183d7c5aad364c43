import { BATCH_HEADER_BYTES, FLOW_BYTES, FLOW_KEY_BYTES, checkBatch, flowAt, viewOf } from "@sonde/protocol";

/** One row of a drain, or a flow record; times in seconds, addresses as the last byte of each. */
export type Flow = {
  readonly from: number;
  readonly to: number;
  readonly sport: number;
  readonly dport: number;
  readonly ifindex: number;
  readonly direction: 1 | 2;
  readonly proto: number;
  readonly first: number;
  readonly last: number;
  readonly frames: number;
  readonly bytes: number;
  readonly flags: number;
  readonly verdict: number;
};
export type FlowRecord = Flow & { readonly packets: number; readonly end: number; readonly key: string };

/** Whole milliseconds in ns. */
export const ns = (seconds: number): bigint => BigInt(Math.round(seconds * 1000)) * 1_000_000n;

/** What the engine's drain of these rows is: packets are two a frame. */
export function drainOf(now: number, rows: readonly Flow[]): ArrayBuffer {
  const buffer = new ArrayBuffer(16 + rows.length * FLOW_BYTES);
  const view = viewOf(buffer);
  view.setBigUint64(0, ns(now), true);
  view.setUint32(8, rows.length, true);
  rows.forEach((row, i) => {
    const at = 16 + i * FLOW_BYTES;
    view.setUint8(at + flowAt.saddr + 3, row.from);
    view.setUint8(at + flowAt.daddr + 3, row.to);
    view.setUint16(at + flowAt.sportBe, row.sport);
    view.setUint16(at + flowAt.dportBe, row.dport);
    view.setUint32(at + flowAt.ifindex, row.ifindex, true);
    view.setUint8(at + flowAt.family, 4);
    view.setUint8(at + flowAt.ipProto, row.proto);
    view.setUint8(at + flowAt.direction, row.direction);
    view.setBigUint64(at + flowAt.firstNs, ns(row.first), true);
    view.setBigUint64(at + flowAt.lastNs, ns(row.last), true);
    view.setBigUint64(at + flowAt.frames, BigInt(row.frames), true);
    view.setBigUint64(at + flowAt.packets, BigInt(row.frames * 2), true);
    view.setBigUint64(at + flowAt.bytes, BigInt(row.bytes), true);
    view.setUint8(at + flowAt.tcpFlags, row.flags);
    view.setUint8(at + flowAt.verdict, row.verdict);
  });
  return buffer;
}

/** The flow records of batches, each of which must be sound. */
export function recordsOf(batches: readonly ArrayBuffer[]): FlowRecord[] {
  return batches.flatMap((batch) => {
    const view = viewOf(batch);
    const checked = checkBatch(view);
    if (!checked.ok) throw new Error(checked.code);
    return Array.from({ length: checked.value.count }, (_, i) => recordOf(view, BATCH_HEADER_BYTES + i * FLOW_BYTES));
  });
}

/** The flow record, or row of a drain, at an offset. */
export function recordOf(view: DataView, at: number): FlowRecord {
  const seconds = (offset: number): number => Number(view.getBigUint64(at + offset, true)) / 1e9;
  return {
    key: Buffer.from(view.buffer, at, FLOW_KEY_BYTES).toString("latin1"),
    from: view.getUint8(at + flowAt.saddr + 3),
    to: view.getUint8(at + flowAt.daddr + 3),
    sport: view.getUint16(at + flowAt.sportBe),
    dport: view.getUint16(at + flowAt.dportBe),
    ifindex: view.getUint32(at + flowAt.ifindex, true),
    direction: view.getUint8(at + flowAt.direction) as 1 | 2,
    proto: view.getUint8(at + flowAt.ipProto),
    first: seconds(flowAt.firstNs),
    last: seconds(flowAt.lastNs),
    frames: Number(view.getBigUint64(at + flowAt.frames, true)),
    packets: Number(view.getBigUint64(at + flowAt.packets, true)),
    bytes: Number(view.getBigUint64(at + flowAt.bytes, true)),
    flags: view.getUint8(at + flowAt.tcpFlags),
    verdict: view.getUint8(at + flowAt.verdict),
    end: view.getUint8(at + flowAt.endReason),
  };
}
