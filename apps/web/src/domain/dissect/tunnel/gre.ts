import { etherTypes, etherTypeName } from "../../names.ts";
import { checksumStatus, onesSum, statusNames } from "../checksum.ts";
import { bool, bytesField, hex, protocol, uint } from "../fields.ts";
import { afterEtherType } from "../next.ts";
import type { Cursor } from "../cursor.ts";
import type { Dissector } from "../types.ts";

const layer = protocol("gre", "GRE");
const fields = {
  flags: hex("gre.flags_and_version", "Flags and version", 16),
  hasChecksum: bool("gre.flags.checksum", "Checksum"),
  hasRouting: bool("gre.flags.routing", "Routing"),
  hasKey: bool("gre.flags.key", "Key"),
  hasSequence: bool("gre.flags.sequence_number", "Sequence number"),
  strict: bool("gre.flags.strict_source_route", "Strict source route"),
  recursion: uint("gre.flags.recursion_control", "Recursion control"),
  hasAck: bool("gre.flags.ack", "Acknowledgment"),
  reserved: uint("gre.flags.reserved", "Reserved"),
  version: uint("gre.flags.version", "Version"),
  proto: hex("gre.proto", "Protocol", 16, { names: etherTypes }),
  checksum: hex("gre.checksum", "Checksum", 16),
  status: uint("gre.checksum.status", "Checksum status", { names: statusNames }),
  offset: uint("gre.offset", "Offset"),
  key: hex("gre.key", "Key", 32),
  payloadLength: uint("gre.key.payload_length", "Payload length"),
  call: uint("gre.key.call_id", "Call"),
  sequence: uint("gre.sequence_number", "Sequence number"),
  ack: uint("gre.ack_number", "Acknowledgment number"),
  family: uint("gre.routing.address_family", "Address family"),
  routeOffset: uint("gre.routing.sre_offset", "Route offset"),
  routeLength: uint("gre.routing.src_length", "Route length"),
  route: bytesField("gre.routing.information", "Route"),
};
const Flag = { checksum: 0x8000, routing: 0x4000, key: 0x2000, sequence: 0x1000, ack: 0x80 } as const;

/** GRE (RFC 1701, RFC 2784, RFC 2890) and the enhanced one of PPTP (RFC 2637), version 1. */
export const gre: Dissector = {
  layer,
  fields: Object.values(fields),
  read(cursor, node, context) {
    context.protocol = "GRE";
    const start = cursor.at;
    const flags = readFlags(cursor);
    const has = (flag: number): boolean => (flags & flag) !== 0;
    const type = cursor.u16(fields.proto);
    node.summary = etherTypeName(type);
    context.info = `Encapsulated ${node.summary}`;
    if (has(Flag.checksum) || has(Flag.routing)) {
      cursor.u16(fields.checksum);
      if (has(Flag.checksum)) {
        const whole = cursor.whole && context.network?.fragment !== true;
        cursor.generated(fields.status, checksumStatus(onesSum(cursor.bytes, start, cursor.end), whole));
      }
      cursor.u16(fields.offset);
    }
    if (has(Flag.key) && (flags & 7) === 1) {
      cursor.u16(fields.payloadLength);
      cursor.u16(fields.call);
    } else if (has(Flag.key)) cursor.u32(fields.key);
    if (has(Flag.sequence)) cursor.u32(fields.sequence);
    if (has(Flag.ack) && (flags & 7) === 1) cursor.u32(fields.ack);
    if (has(Flag.routing)) readRoutes(cursor);
    // an acknowledgment alone
    if (cursor.left === 0) return null;
    return afterEtherType(type, cursor, context);
  },
};

function readFlags(cursor: Cursor): number {
  const flags = cursor.peek16();
  const version = flags & 7;
  cursor.parts(fields.flags, flags, 2, () => {
    cursor.bits(fields.hasChecksum, flags >> 15, 2);
    cursor.bits(fields.hasRouting, (flags >> 14) & 1, 2);
    cursor.bits(fields.hasKey, (flags >> 13) & 1, 2);
    cursor.bits(fields.hasSequence, (flags >> 12) & 1, 2);
    cursor.bits(fields.strict, (flags >> 11) & 1, 2);
    cursor.bits(fields.recursion, (flags >> 8) & 7, 2);
    if (version === 1) {
      cursor.bits(fields.hasAck, (flags >> 7) & 1, 2);
      cursor.bits(fields.reserved, (flags >> 3) & 15, 2);
    } else cursor.bits(fields.reserved, (flags >> 3) & 31, 2);
    cursor.bits(fields.version, version, 2);
  });
  return flags;
}

/** Source route entries, up to one of no length (RFC 1701). */
function readRoutes(cursor: Cursor): void {
  for (;;) {
    const family = cursor.u16(fields.family);
    cursor.u8(fields.routeOffset);
    const length = cursor.u8(fields.routeLength);
    if (length > 0) cursor.take(fields.route, length);
    else if (family === 0) return;
  }
}
