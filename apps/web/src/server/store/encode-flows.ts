import { BATCH_HEADER_BYTES, FLOW_BYTES, flowAt } from "@sonde/protocol";
import { countsInRange, inetHead, timeOf, u64At } from "./copy-rows.ts";
import { FlowSums, type FlowPart } from "./flow-sums.ts";
import { series, type Encoded, type EncodeInput } from "./series.ts";

type Column = (typeof series.flow_records)[number];
type Offsets = Readonly<Record<Column, number>>;
/** A row of the binary COPY format with its length words and address heads written, and where its values lie. */
type Template = { readonly bytes: Uint8Array; readonly at: Offsets };

const INET_HEAD = 4;
const sizes: Readonly<Record<Column, number>> = {
  at: 8,
  bytes: 8,
  frames: 4,
  packets: 4,
  first_ms: 4,
  last_ms: 4,
  host: 4,
  interface_id: 4,
  source_port: 4,
  destination_port: 4,
  tunnel_id: 4,
  vlan: 2,
  vlan_inner: 2,
  protocol: 2,
  tcp_flags: 2,
  direction: 1,
  tunnel: 1,
  verdict: 1,
  end_reason: 1,
  source_address: INET_HEAD,
  destination_address: INET_HEAD,
};

function template(family: 4 | 6): Template {
  const address = family === 4 ? 4 : 16;
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  const at: Partial<Record<Column, number>> = {};
  view.setInt16(0, series.flow_records.length);
  let end = 2;
  for (const column of series.flow_records) {
    const isAddress = column === "source_address" || column === "destination_address";
    view.setInt32(end, sizes[column] + (isAddress ? address : 0));
    end += 4;
    if (isAddress) bytes.set(inetHead(family), end);
    at[column] = isAddress ? end + INET_HEAD : end;
    end = at[column] + (isAddress ? address : sizes[column]);
  }
  return { bytes: bytes.subarray(0, end), at: at as Offsets };
}

const row4 = template(4);
const row6 = template(6);
/** Set in a flow's VLAN field where there is a tag (abi.h: struct sonde_flow_key). */
const TAGGED = 0x1000;
const MAX_I32 = 0x7fff_ffff;

/**
 * Rows of a checked flow batch, one per flow record, read straight from the batch: each begins as a copy of a template,
 * and no object is made per flow.
 */
export function encodeFlows({ view, header, ...of }: EncodeInput): Encoded {
  const out = Buffer.allocUnsafeSlow(header.count * row6.bytes.byteLength);
  const to = new DataView(out.buffer);
  const constant = [row4, row6].map((row) => withConstants(row, of));
  const writtenNs = Number(header.lastNs);
  let row = 0;
  const sums = new FlowSums();
  const part: FlowPart = { interfaceId: 0, protocol: 0, direction: 0, verdict: 0, frames: 0, packets: 0, bytes: 0 };
  let frames = 0;
  for (let i = 0; i < header.count; i++) {
    const from = BATCH_HEADER_BYTES + i * FLOW_BYTES;
    const interfaceId = of.interfaces.get(view.getUint32(from + flowAt.ifindex, true));
    if (interfaceId === undefined) return { ok: false, code: "BATCH_INTERFACE" };
    const flowFrames = u64At(view, from + flowAt.frames);
    const flowPackets = u64At(view, from + flowAt.packets);
    const tooMany = flowFrames > MAX_I32 || flowPackets > MAX_I32; // no link carries so many within an active timeout
    const tooLate = view.getInt32(from + flowAt.lastNs + 4, true) < 0; // first is not after it: checked
    if (tooMany || tooLate || !countsInRange(view, from + flowAt.bytes, from + flowAt.tcpFlags)) return { ok: false, code: "BATCH_RECORD" };
    const isFour = view.getUint8(from + flowAt.family) === 4;
    const { at, bytes } = isFour ? row4 : row6;
    out.set(constant[isFour ? 0 : 1]!, row);
    to.setUint32(row + at.bytes, view.getUint32(from + flowAt.bytes + 4, true));
    to.setUint32(row + at.bytes + 4, view.getUint32(from + flowAt.bytes, true));
    to.setInt32(row + at.frames, flowFrames);
    to.setInt32(row + at.packets, flowPackets);
    to.setInt32(row + at.first_ms, ageMs(writtenNs, u64At(view, from + flowAt.firstNs)));
    to.setInt32(row + at.last_ms, ageMs(writtenNs, u64At(view, from + flowAt.lastNs)));
    to.setInt32(row + at.interface_id, interfaceId);
    to.setInt32(row + at.source_port, view.getUint16(from + flowAt.sportBe));
    to.setInt32(row + at.destination_port, view.getUint16(from + flowAt.dportBe));
    to.setInt32(row + at.tunnel_id, view.getInt32(from + flowAt.tunnelId, true));
    to.setInt16(row + at.vlan, vlanId(view.getUint16(from + flowAt.vlan, true)));
    to.setInt16(row + at.vlan_inner, vlanId(view.getUint16(from + flowAt.vlanInner, true)));
    to.setInt16(row + at.protocol, view.getUint8(from + flowAt.ipProto));
    to.setInt16(row + at.tcp_flags, view.getUint8(from + flowAt.tcpFlags));
    to.setUint8(row + at.direction, view.getUint8(from + flowAt.direction));
    to.setUint8(row + at.tunnel, view.getUint8(from + flowAt.tunnel));
    to.setUint8(row + at.verdict, view.getUint8(from + flowAt.verdict));
    to.setUint8(row + at.end_reason, view.getUint8(from + flowAt.endReason));
    for (let word = 0; word < (isFour ? 4 : 16); word += 4) {
      to.setUint32(row + at.source_address + word, view.getUint32(from + flowAt.saddr + word));
      to.setUint32(row + at.destination_address + word, view.getUint32(from + flowAt.daddr + word));
    }
    row += bytes.byteLength;
    frames += flowFrames;
    part.interfaceId = interfaceId;
    part.protocol = view.getUint8(from + flowAt.ipProto);
    part.direction = view.getUint8(from + flowAt.direction);
    part.verdict = view.getUint8(from + flowAt.verdict);
    part.frames = flowFrames;
    part.packets = flowPackets;
    part.bytes = u64At(view, from + flowAt.bytes);
    sums.add(part);
  }
  return {
    ok: true,
    value: {
      table: "flow_records",
      bytes: out.subarray(0, row),
      due: sums.rows(of.atUs, of.hostNumber),
      count: header.count,
      frames,
    },
  };
}

/** The template with what is the same in all rows of a batch. */
function withConstants({ bytes, at }: Template, of: Pick<EncodeInput, "atUs" | "hostNumber">): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  view.setBigInt64(at.at, timeOf(of.atUs));
  view.setInt32(at.host, of.hostNumber);
  return copy;
}

function vlanId(tag: number): number {
  return (tag & TAGGED) === 0 ? -1 : tag & 0xfff;
}

/** How long before the batch was written, in whole milliseconds; within what the column holds. */
function ageMs(writtenNs: number, ns: number): number {
  return Math.min(MAX_I32, Math.max(0, Math.round((writtenNs - ns) / 1e6)));
}
