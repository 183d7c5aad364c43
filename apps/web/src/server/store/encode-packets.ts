import { BATCH_HEADER_BYTES, RecordFlag, TUNNEL_BYTES, recordAt, tunnelAt } from "@sonde/protocol";
import { CopyRows, u64At } from "./copy-rows.ts";
import { series, type EncodeInput, type EncodedRows } from "./series.ts";

const FIELDS = series.packet_records.length;
/** Length words, and the values: two of 8 bytes, seven of 4, three of 2, four of 1, two addresses. */
const ROW_BYTES = 2 + 4 * FIELDS + 2 * 8 + 7 * 4 + 3 * 2 + 4 + 2 * 20;
const MAX_I32 = 0x7fff_ffff;
const MAX_AGE_NS = 86_400e9;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;

/**
 * Rows of a checked record batch, one per record and without its bytes, read straight from the batch: no object per
 * record. What an operator asked to keep beside what is promised refuses no batch: a packet of an interface that was
 * not announced has interface 0, one without IP has no addresses.
 */
export function encodePackets({ view, header, ...of }: EncodeInput): EncodedRows {
  const out = new CopyRows(header.count * ROW_BYTES);
  const lastNs = Number(header.lastNs);
  const filterSet = Math.min(header.filterSet, MAX_I32);
  let at = BATCH_HEADER_BYTES;
  for (let i = 0; i < header.count; i++) {
    const flags = view.getUint8(at + recordAt.flags);
    const recLen = view.getUint16(at + recordAt.recLen, true);
    const ageNs = Math.min(MAX_AGE_NS, Math.max(0, lastNs - u64At(view, at + recordAt.tsNs)));
    out.row(FIELDS);
    out.time(of.atUs - ageNs / 1000);
    out.i64From(view, at + recordAt.matched);
    out.i32(filterSet);
    out.i32(Math.min(view.getUint32(at + recordAt.sampleN, true), MAX_I32));
    out.i32(Math.min(view.getUint32(at + recordAt.wireLen, true), MAX_I32));
    out.i32(of.hostNumber);
    out.i32(of.interfaces.get(view.getUint32(at + recordAt.ifindex, true)) ?? 0);
    out.i32(view.getUint16(at + recordAt.sportBe));
    out.i32(view.getUint16(at + recordAt.dportBe));
    out.i16((flags & RecordFlag.vlan) === 0 ? -1 : view.getUint16(at + recordAt.vlanTci, true) & 0xfff);
    out.i16(view.getUint8(at + recordAt.ipProto));
    out.i16(view.getUint8(at + recordAt.tcpFlags));
    out.char(view.getUint8(at + recordAt.direction) & 0x7f);
    out.char((flags & RecordFlag.tunnel) === 0 ? 0 : view.getUint8(at + recLen - TUNNEL_BYTES + tunnelAt.type) & 0x7f);
    out.char(view.getUint8(at + recordAt.verdict) & 0x7f);
    out.char(view.getUint8(at + recordAt.parseErr) & 0x7f);
    const type = view.getUint16(at + recordAt.ethProtoBe);
    for (const field of [recordAt.saddr, recordAt.daddr]) {
      if (type === IPV4 || type === IPV6) out.inet(view, at + field, type === IPV4 ? 4 : 6);
      else out.null();
    }
    at += recLen;
  }
  return { table: "packet_records", bytes: out.bytes, count: header.count };
}
