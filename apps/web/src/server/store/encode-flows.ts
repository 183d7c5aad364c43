import { BATCH_HEADER_BYTES, FLOW_BYTES, flowAt } from "@sonde/protocol";
import { CopyRows, countsInRange, u64At } from "./copy-rows.ts";
import { series, type Encoded, type EncodeInput } from "./series.ts";

const FIELDS = series.flow_records.length;
/** Length words, and the values: seven of 8 bytes, the host, five of 4 bytes, six of 2, two addresses. */
const ROW_BYTES = 2 + 4 * FIELDS + 7 * 8 + 16 + 5 * 4 + 6 * 2 + 2 * 20;
/** Set in a flow's VLAN field where there is a tag (abi.h: struct sonde_flow_key). */
const TAGGED = 0x1000;

/** Rows of a checked flow batch, one per flow record, read straight from the batch: no object per flow. */
export function encodeFlows({ view, header, ...of }: EncodeInput): Encoded {
  const out = new CopyRows(header.count * ROW_BYTES);
  let frames = 0;
  for (let i = 0; i < header.count; i++) {
    const at = BATCH_HEADER_BYTES + i * FLOW_BYTES;
    const interfaceId = of.interfaces.get(view.getUint32(at + flowAt.ifindex, true));
    if (interfaceId === undefined) return { ok: false, code: "BATCH_INTERFACE" };
    const tooLate = view.getInt32(at + flowAt.lastNs + 4, true) < 0; // first is not after it: checked
    if (tooLate || !countsInRange(view, at + flowAt.frames, at + flowAt.tcpFlags)) return { ok: false, code: "BATCH_RECORD" };
    const family = view.getUint8(at + flowAt.family) === 4 ? 4 : 6;
    out.row(FIELDS);
    out.time(of.atUs);
    out.uuid(of.hostUuid);
    out.i32(interfaceId);
    out.i64From(view, at + flowAt.firstNs);
    out.i64From(view, at + flowAt.lastNs);
    out.i64From(view, at + flowAt.frames);
    out.i64From(view, at + flowAt.packets);
    out.i64From(view, at + flowAt.bytes);
    const tunnel = view.getUint8(at + flowAt.tunnel);
    if (tunnel === 0) out.null();
    else out.i64(view.getUint32(at + flowAt.tunnelId, true));
    out.i32(view.getUint16(at + flowAt.sportBe));
    out.i32(view.getUint16(at + flowAt.dportBe));
    for (const vlan of [flowAt.vlan, flowAt.vlanInner]) {
      const tag = view.getUint16(at + vlan, true);
      if ((tag & TAGGED) === 0) out.null();
      else out.i32(tag & 0xfff);
    }
    out.i16(view.getUint8(at + flowAt.direction));
    out.i16(view.getUint8(at + flowAt.ipProto));
    out.i16(view.getUint8(at + flowAt.tcpFlags));
    out.i16(tunnel);
    out.i16(view.getUint8(at + flowAt.verdict));
    out.i16(view.getUint8(at + flowAt.endReason));
    out.inet(view, at + flowAt.saddr, family);
    out.inet(view, at + flowAt.daddr, family);
    frames += u64At(view, at + flowAt.frames);
  }
  return { ok: true, value: { table: "flow_records", bytes: out.bytes, count: header.count, frames } };
}
