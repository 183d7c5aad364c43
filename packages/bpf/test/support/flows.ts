import { FLOW_BYTES, flowAt } from "../../../protocol/src/layout.ts";
import type { Counts, Row } from "./decode.ts";

/** A row of Engine.drainFlows(); addresses as hex, times in ns. */
export type Flow = Counts & {
  readonly saddr: string;
  readonly daddr: string;
  readonly sport: number;
  readonly dport: number;
  readonly ifindex: number;
  readonly vlan: number;
  readonly vlanInner: number;
  readonly tunnelId: number;
  readonly tunnel: number;
  readonly family: number;
  readonly ipProto: number;
  readonly direction: number;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly tcpFlags: number;
  readonly verdict: number;
};

/** The rows of Engine.drainFlows(). */
export function decodeFlows(buffer: ArrayBuffer): Flow[] {
  const view = new DataView(buffer);
  return Array.from({ length: view.getUint32(8, true) }, (_, i) => decodeFlow(view, 16 + i * FLOW_BYTES));
}

function decodeFlow(view: DataView, at: number): Flow {
  const hex = (offset: number): string => Buffer.from(view.buffer, at + offset, 16).toString("hex");
  const u8 = (offset: number): number => view.getUint8(at + offset);
  const u16 = (offset: number, be = false): number => view.getUint16(at + offset, !be);
  const u64 = (offset: number): bigint => view.getBigUint64(at + offset, true);
  if (u8(flowAt.endReason) !== 0 || view.getUint32(at + flowAt.keyReserved, true) !== 0) throw new Error("not as a drain has it");
  return {
    saddr: hex(flowAt.saddr),
    daddr: hex(flowAt.daddr),
    sport: u16(flowAt.sportBe, true),
    dport: u16(flowAt.dportBe, true),
    ifindex: view.getUint32(at + flowAt.ifindex, true),
    vlan: u16(flowAt.vlan),
    vlanInner: u16(flowAt.vlanInner),
    tunnelId: view.getUint32(at + flowAt.tunnelId, true),
    tunnel: u8(flowAt.tunnel),
    family: u8(flowAt.family),
    ipProto: u8(flowAt.ipProto),
    direction: u8(flowAt.direction),
    firstNs: u64(flowAt.firstNs),
    lastNs: u64(flowAt.lastNs),
    frames: Number(u64(flowAt.frames)),
    packets: Number(u64(flowAt.packets)),
    bytes: Number(u64(flowAt.bytes)),
    tcpFlags: u8(flowAt.tcpFlags),
    verdict: u8(flowAt.verdict),
  };
}

const plus = (a: Counts, b: Counts): Counts => ({ frames: a.frames + b.frames, packets: a.packets + b.packets, bytes: a.bytes + b.bytes });
export const sumCounts = (all: readonly Counts[]): Counts => all.reduce(plus, { frames: 0, packets: 0, bytes: 0 });

/** Totals that are in no flow of one direction, nor counted as unflowed or non-flow: nothing (SPEC 6.5). */
export function flowGap(row: Row, flows: readonly Flow[]): Counts {
  const own = flows.filter((flow) => flow.ifindex === row.ifindex && flow.direction === row.direction);
  const known = sumCounts([...own, row.unflowed, row.nonFlow]);
  return {
    frames: row.total.frames - known.frames,
    packets: row.total.packets - known.packets,
    bytes: row.total.bytes - known.bytes,
  };
}
