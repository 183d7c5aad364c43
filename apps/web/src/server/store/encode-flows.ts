import { BATCH_HEADER_BYTES, FLOW_BYTES, flowAt } from "@sonde/protocol";
import { CopyRows, countsInRange, u64At } from "./copy-rows.ts";
import { series, type Encoded, type EncodeInput } from "./series.ts";

const FIELDS = series.flow_records.length;
/** Length words, and the values: two of 8 bytes, nine of 4, four of 2, four of 1, two addresses. */
const ROW_BYTES = 2 + 4 * FIELDS + 2 * 8 + 9 * 4 + 4 * 2 + 4 + 2 * 20;
/** Set in a flow's VLAN field where there is a tag (abi.h: struct sonde_flow_key). */
const TAGGED = 0x1000;
const MAX_I32 = 0x7fff_ffff;

/** Rows of a checked flow batch, one per flow record, read straight from the batch: no object per flow. */
export function encodeFlows({ view, header, ...of }: EncodeInput): Encoded {
  const out = new CopyRows(header.count * ROW_BYTES);
  const writtenNs = Number(header.lastNs);
  let frames = 0;
  for (let i = 0; i < header.count; i++) {
    const at = BATCH_HEADER_BYTES + i * FLOW_BYTES;
    const interfaceId = of.interfaces.get(view.getUint32(at + flowAt.ifindex, true));
    if (interfaceId === undefined) return { ok: false, code: "BATCH_INTERFACE" };
    const flowFrames = u64At(view, at + flowAt.frames);
    const flowPackets = u64At(view, at + flowAt.packets);
    const tooMany = flowFrames > MAX_I32 || flowPackets > MAX_I32; // no link carries so many within an active timeout
    const tooLate = view.getInt32(at + flowAt.lastNs + 4, true) < 0; // first is not after it: checked
    if (tooMany || tooLate || !countsInRange(view, at + flowAt.bytes, at + flowAt.tcpFlags)) return { ok: false, code: "BATCH_RECORD" };
    const family = view.getUint8(at + flowAt.family) === 4 ? 4 : 6;
    out.row(FIELDS);
    out.time(of.atUs);
    out.i64From(view, at + flowAt.bytes);
    out.i32(flowFrames);
    out.i32(flowPackets);
    out.i32(ageMs(writtenNs, u64At(view, at + flowAt.firstNs)));
    out.i32(ageMs(writtenNs, u64At(view, at + flowAt.lastNs)));
    out.i32(of.hostNumber);
    out.i32(interfaceId);
    out.i32(view.getUint16(at + flowAt.sportBe));
    out.i32(view.getUint16(at + flowAt.dportBe));
    out.i32(view.getInt32(at + flowAt.tunnelId, true));
    for (const vlan of [flowAt.vlan, flowAt.vlanInner]) {
      const tag = view.getUint16(at + vlan, true);
      out.i16((tag & TAGGED) === 0 ? -1 : tag & 0xfff);
    }
    out.i16(view.getUint8(at + flowAt.ipProto));
    out.i16(view.getUint8(at + flowAt.tcpFlags));
    out.char(view.getUint8(at + flowAt.direction));
    out.char(view.getUint8(at + flowAt.tunnel));
    out.char(view.getUint8(at + flowAt.verdict));
    out.char(view.getUint8(at + flowAt.endReason));
    out.inet(view, at + flowAt.saddr, family);
    out.inet(view, at + flowAt.daddr, family);
    frames += flowFrames;
  }
  return { ok: true, value: { table: "flow_records", bytes: out.bytes, count: header.count, frames } };
}

/** How long before the batch was written, in whole milliseconds; within what the column holds. */
function ageMs(writtenNs: number, ns: number): number {
  return Math.min(MAX_I32, Math.max(0, Math.round((writtenNs - ns) / 1e6)));
}
