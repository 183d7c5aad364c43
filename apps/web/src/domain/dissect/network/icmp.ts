import { icmpName } from "../../names.ts";
import { checksumStatus, onesSum, statusNames } from "../checksum.ts";
import type { Cursor } from "../cursor.ts";
import { bytesField, hex, ipv4Field, protocol, uint } from "../fields.ts";
import { quoted, rest } from "../next.ts";
import type { Dissector } from "../types.ts";
import { icmpExtensionFields, readIcmpExtensions } from "./icmpExtensions.ts";
import { ipv4 } from "./ipv4.ts";

const layer = protocol("icmp", "ICMP");
const fields = {
  type: uint("icmp.type", "Type"),
  code: uint("icmp.code", "Code"),
  checksum: hex("icmp.checksum", "Checksum", 16),
  status: uint("icmp.checksum.status", "Checksum status", { names: statusNames }),
  ident: uint("icmp.ident", "Identifier"),
  identLe: uint("icmp.ident_le", "Identifier, little-endian"),
  seq: uint("icmp.seq", "Sequence number"),
  seqLe: uint("icmp.seq_le", "Sequence number, little-endian"),
  unused: bytesField("icmp.unused", "Unused"),
  length: uint("icmp.length", "Length of the quotation in 4 bytes"),
  originalLength: uint("icmp.length.original_datagram", "Length of the quotation"),
  mtu: uint("icmp.mtu", "MTU of the next hop"),
  gateway: ipv4Field("icmp.redir_gw", "Gateway"),
  pointer: uint("icmp.pointer", "Pointer"),
  addresses: uint("icmp.num_addrs", "Addresses"),
  entrySize: uint("icmp.addr_entry_size", "Entry size"),
  lifetime: uint("icmp.lifetime", "Lifetime"),
  router: ipv4Field("icmp.router_address", "Router"),
  preference: uint("icmp.pref_level", "Preference"),
  originate: uint("icmp.originate_timestamp", "Originate timestamp"),
  receive: uint("icmp.receive_timestamp", "Receive timestamp"),
  transmit: uint("icmp.transmit_timestamp", "Transmit timestamp"),
  mask: ipv4Field("icmp.address_mask", "Address mask"),
};

const ECHO = new Set([0, 8]);
const TIMESTAMP = new Set([13, 14]);
const MASK = new Set([17, 18]);
/** Errors, which quote the packet that they are about. */
const ERRORS = new Set([3, 4, 5, 11, 12]);
/** Those of them that RFC 4884 lets extensions follow. */
const EXTENDED = new Set([3, 11, 12]);
const FRAGMENTATION_NEEDED = 4;

/** ICMP of IPv4 (RFC 792). */
export const icmp: Dissector = {
  layer,
  fields: [...Object.values(fields), ...icmpExtensionFields],
  read(cursor, node, context) {
    context.protocol = "ICMP";
    const start = cursor.at;
    const type = cursor.u8(fields.type);
    const code = cursor.u8(fields.code);
    node.summary = icmpName(type, code);
    context.info = node.summary;
    cursor.u16(fields.checksum);
    const whole = cursor.whole && context.network?.fragment !== true && !context.quoted;
    cursor.generated(fields.status, checksumStatus(onesSum(cursor.bytes, start, cursor.end), whole));
    if (ERRORS.has(type)) {
      const quotation = readErrorHead(cursor, type, code);
      const next = quoted(ipv4, cursor, context);
      if (EXTENDED.has(type)) {
        const at = cursor.at;
        readIcmpExtensions(cursor, quotation);
        cursor.at = at;
      }
      return next;
    }
    if (ECHO.has(type) || TIMESTAMP.has(type) || MASK.has(type)) context.info += readIdentity(cursor);
    if (TIMESTAMP.has(type)) {
      cursor.u32(fields.originate);
      cursor.u32(fields.receive);
      cursor.u32(fields.transmit);
    }
    if (MASK.has(type)) cursor.take(fields.mask, 4);
    if (type === 9) readRouters(cursor);
    return rest(context.tables.data, cursor);
  },
};

function readIdentity(cursor: Cursor): string {
  const { view, at } = cursor;
  cursor.need(4);
  cursor.add(fields.ident, view.getUint16(at), at, 2);
  cursor.add(fields.identLe, view.getUint16(at, true), at, 2);
  cursor.add(fields.seq, view.getUint16(at + 2), at + 2, 2);
  cursor.add(fields.seqLe, view.getUint16(at + 2, true), at + 2, 2);
  cursor.at += 4;
  return ` id=0x${view.getUint16(at).toString(16).padStart(4, "0")}, seq=${view.getUint16(at + 2)}`;
}

/** The four bytes before the quotation. Its length in bytes, 0 where it is not said (RFC 4884 section 4). */
function readErrorHead(cursor: Cursor, type: number, code: number): number {
  if (type === 5) {
    cursor.take(fields.gateway, 4);
    return 0;
  }
  if (type === 4) {
    cursor.take(fields.unused, 4);
    return 0;
  }
  const units = cursor.peek8(1);
  if (type === 12) cursor.u8(fields.pointer);
  else cursor.take(fields.unused, units === 0 && !isMtu(type, code) ? 4 : 1);
  if (type !== 12 && units === 0 && !isMtu(type, code)) return 0;
  cursor.u8(fields.length);
  if (units > 0) cursor.generated(fields.originalLength, units * 4);
  if (isMtu(type, code)) cursor.u16(fields.mtu);
  else cursor.take(fields.unused, 2);
  return units * 4;
}

const isMtu = (type: number, code: number): boolean => type === 3 && code === FRAGMENTATION_NEEDED;

/** RFC 1256 section 3. */
function readRouters(cursor: Cursor): void {
  const count = cursor.u8(fields.addresses);
  const size = cursor.u8(fields.entrySize);
  cursor.u16(fields.lifetime);
  if (size !== 2) return;
  for (let i = 0; i < count; i++) {
    cursor.take(fields.router, 4);
    cursor.bits(fields.preference, cursor.peek32() | 0, 4);
    cursor.at += 4;
  }
}
