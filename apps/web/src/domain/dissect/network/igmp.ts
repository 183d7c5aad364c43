import { ipv4Text } from "../../address.ts";
import { checksumStatus, onesSum, statusNames } from "../checksum.ts";
import type { Cursor } from "../cursor.ts";
import { bool, bytesField, hex, ipv4Field, protocol, uint } from "../fields.ts";
import { recordNames } from "./multicastListener.ts";
import { rest } from "../next.ts";
import type { Dissector } from "../types.ts";

const layer = protocol("igmp", "IGMP");
/** IANA igmp-type-numbers. */
const typeNames: ReadonlyMap<number, string> = new Map([
  [0x11, "Membership query"],
  [0x12, "Membership report, version 1"],
  [0x16, "Membership report, version 2"],
  [0x17, "Leave group"],
  [0x22, "Membership report, version 3"],
]);
const fields = {
  version: uint("igmp.version", "Version"),
  type: hex("igmp.type", "Type", 8, { names: typeNames }),
  maxResponse: uint("igmp.max_resp", "Maximum response time, 0.1 s"),
  reserved: bytesField("igmp.reserved", "Reserved"),
  checksum: hex("igmp.checksum", "Checksum", 16),
  status: uint("igmp.checksum.status", "Checksum status", { names: statusNames }),
  group: ipv4Field("igmp.maddr", "Group"),
  suppress: bool("igmp.s", "Suppress router processing"),
  robustness: uint("igmp.qrv", "Robustness"),
  interval: uint("igmp.qqic", "Query interval code"),
  sources: uint("igmp.num_src", "Sources"),
  source: ipv4Field("igmp.saddr", "Source"),
  records: uint("igmp.num_grp_recs", "Group records"),
  recordType: uint("igmp.record_type", "Record type", { names: recordNames }),
  auxLength: uint("igmp.aux_data_len", "Auxiliary data, in 4 bytes"),
  aux: bytesField("igmp.aux_data", "Auxiliary data"),
};
const QUERY = 0x11;
const REPORT_V3 = 0x22;

/** IGMP of all three versions (RFC 1112, RFC 2236, RFC 3376). */
export const igmp: Dissector = {
  layer,
  fields: Object.values(fields),
  read(cursor, node, context) {
    context.protocol = "IGMP";
    const start = cursor.at;
    const type = cursor.peek8();
    const version = versionOf(type, cursor);
    if (version === 0) return rest(context.tables.data, cursor);
    context.protocol = `IGMPv${version}`;
    cursor.generated(fields.version, version);
    cursor.u8(fields.type);
    node.summary = typeNames.get(type) ?? `type ${type}`;
    context.info = node.summary;
    if (version === 1 || type === REPORT_V3) cursor.take(fields.reserved, 1);
    else {
      const code = cursor.peek8();
      cursor.bits(fields.maxResponse, version === 3 ? longTime(code) : code, 1);
      cursor.at++;
    }
    cursor.u16(fields.checksum);
    const whole = cursor.whole && context.network?.fragment !== true;
    cursor.generated(fields.status, checksumStatus(onesSum(cursor.bytes, start, cursor.end), whole));
    if (type === REPORT_V3) {
      readRecords(cursor);
      return null;
    }
    context.info += ` ${ipv4Text(cursor.view, cursor.need(4))}`;
    cursor.take(fields.group, 4);
    if (version === 3) readQuery(cursor);
    return null;
  },
};

/** Codes from 128 on are a small floating-point number (RFC 3376 4.1.1). */
const longTime = (code: number): number => (code < 128 ? code : ((code & 15) | 16) << (((code >> 4) & 7) + 3));

/** A query is of version 3 by its length, of version 1 by its response time of 0. */
function versionOf(type: number, cursor: Cursor): number {
  if (type === QUERY) return cursor.wireEnd - cursor.at >= 12 ? 3 : cursor.peek8(1) === 0 ? 1 : 2;
  if (type === REPORT_V3) return 3;
  if (type === 0x12) return 1;
  return type === 0x16 || type === 0x17 ? 2 : 0;
}

function readQuery(cursor: Cursor): void {
  const flags = cursor.peek8();
  cursor.bits(fields.suppress, (flags >> 3) & 1, 1);
  cursor.bits(fields.robustness, flags & 7, 1);
  cursor.at++;
  cursor.u8(fields.interval);
  const count = cursor.u16(fields.sources);
  for (let i = 0; i < count; i++) cursor.take(fields.source, 4);
}

function readRecords(cursor: Cursor): void {
  cursor.take(fields.reserved, 2);
  const records = cursor.u16(fields.records);
  for (let i = 0; i < records; i++) {
    cursor.u8(fields.recordType);
    const aux = cursor.u8(fields.auxLength);
    const sources = cursor.u16(fields.sources);
    cursor.take(fields.group, 4);
    for (let k = 0; k < sources; k++) cursor.take(fields.source, 4);
    if (aux > 0) cursor.take(fields.aux, aux * 4);
  }
}
