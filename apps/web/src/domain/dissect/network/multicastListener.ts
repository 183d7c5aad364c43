import { ipv6Text } from "../../address.ts";
import type { Cursor } from "../cursor.ts";
import { bool, bytesField, hex, ipv6Field, protocol, uint, type FieldDef } from "../fields.ts";

/** Of group records, the same in both protocols (RFC 3376 4.2.12, RFC 3810 5.2.12). */
export const recordNames: ReadonlyMap<number, string> = new Map([
  [1, "Is include"],
  [2, "Is exclude"],
  [3, "Change to include"],
  [4, "Change to exclude"],
  [5, "Allow new sources"],
  [6, "Block old sources"],
]);
const fields = {
  delay: uint("icmpv6.mld.maximum_response_delay", "Maximum response delay, ms"),
  response: uint("icmpv6.mld.maximum_response_code", "Maximum response code"),
  reserved: bytesField("icmpv6.reserved", "Reserved"),
  address: ipv6Field("icmpv6.mld.multicast_address", "Multicast address"),
  flags: hex("icmpv6.mld.flag", "Flags", 8),
  suppress: bool("icmpv6.mld.flag.s", "Suppress router processing"),
  robustness: uint("icmpv6.mld.flag.qrv", "Robustness"),
  flagsReserved: uint("icmpv6.mld.flag.reserved", "Reserved"),
  interval: uint("icmpv6.mld.qqi", "Query interval code"),
  sources: uint("icmpv6.mld.nb_sources", "Sources"),
  source: ipv6Field("icmpv6.mld.source_address", "Source"),
  records: uint("icmpv6.mldr.nb_mcast_records", "Records"),
  record: protocol("icmpv6.mldr.mar", "Record"),
  recordType: uint("icmpv6.mldr.mar.record_type", "Type", { names: recordNames }),
  auxLength: uint("icmpv6.mldr.mar.aux_data_len", "Auxiliary data, in 4 bytes"),
  recordSources: uint("icmpv6.mldr.mar.nb_sources", "Sources"),
  recordAddress: ipv6Field("icmpv6.mldr.mar.multicast_address", "Multicast address"),
  recordSource: ipv6Field("icmpv6.mldr.mar.source_address", "Source"),
  aux: bytesField("icmpv6.mldr.mar.auxiliary_data", "Auxiliary data"),
};
export const listenerFields = Object.values(fields).filter(({ name }) => name !== "icmpv6.reserved");

/** A query, or a report or done message of version 1, which has a query's shape (RFC 2710 section 3, RFC 3810 5.1). */
export function readListenerQuery(cursor: Cursor, second: boolean): string {
  cursor.u16(second ? fields.response : fields.delay);
  cursor.take(fields.reserved, 2);
  const address = ipv6Text(cursor.view, cursor.need(16));
  cursor.take(fields.address, 16);
  if (!second) return ` ${address}`;
  const flags = cursor.peek8();
  cursor.parts(fields.flags, flags, 1, () => {
    cursor.bits(fields.suppress, (flags >> 3) & 1, 1);
    cursor.bits(fields.robustness, flags & 7, 1);
    cursor.bits(fields.flagsReserved, flags >> 4, 1);
  });
  cursor.u8(fields.interval);
  const count = cursor.u16(fields.sources);
  for (let i = 0; i < count; i++) cursor.take(fields.source, 16);
  return ` ${address}`;
}

/** RFC 3810 5.2. */
export function readListenerReport(cursor: Cursor, reserved: FieldDef): string {
  cursor.take(reserved, 2);
  const records = cursor.u16(fields.records);
  for (let i = 0; i < records; i++) cursor.group(fields.record, null, () => readRecord(cursor));
  return `, ${records} ${records === 1 ? "record" : "records"}`;
}

function readRecord(cursor: Cursor): void {
  cursor.u8(fields.recordType);
  const aux = cursor.u8(fields.auxLength);
  const sources = cursor.u16(fields.recordSources);
  cursor.take(fields.recordAddress, 16);
  for (let k = 0; k < sources; k++) cursor.take(fields.recordSource, 16);
  if (aux > 0) cursor.take(fields.aux, aux * 4);
}
