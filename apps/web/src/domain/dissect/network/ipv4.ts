import { ipv4Text } from "../../address.ts";
import { ipProtocolName, ipProtocols } from "../../names.ts";
import { Status, statusNames } from "../checksum.ts";
import type { Cursor } from "../cursor.ts";
import { bool, hex, ipv4Field, protocol, uint } from "../fields.ts";
import { afterIpProtocol, rest } from "../next.ts";
import type { Dissector } from "../types.ts";
import { ipv4OptionFields, readIpv4Options } from "./ipv4Options.ts";
import { dscpNames, ecnNames } from "./trafficClass.ts";

const layer = protocol("ip", "IPv4");
const fields = {
  version: uint("ip.version", "Version"),
  headerLength: uint("ip.hdr_len", "Header length"),
  dsfield: hex("ip.dsfield", "Differentiated services", 8),
  dscp: uint("ip.dsfield.dscp", "DSCP", { names: dscpNames }),
  ecn: uint("ip.dsfield.ecn", "ECN", { names: ecnNames }),
  length: uint("ip.len", "Total length"),
  id: hex("ip.id", "Identification", 16),
  flags: hex("ip.flags", "Flags", 8),
  reserved: bool("ip.flags.rb", "Reserved"),
  dontFragment: bool("ip.flags.df", "Don't fragment"),
  moreFragments: bool("ip.flags.mf", "More fragments"),
  offset: uint("ip.frag_offset", "Fragment offset in 8 bytes"),
  ttl: uint("ip.ttl", "Time to live"),
  proto: uint("ip.proto", "Protocol", { names: ipProtocols }),
  checksum: hex("ip.checksum", "Header checksum", 16),
  status: uint("ip.checksum.status", "Checksum status", { names: statusNames }),
  source: ipv4Field("ip.src", "Source", { also: ["ip.addr"] }),
  destination: ipv4Field("ip.dst", "Destination", { also: ["ip.addr"] }),
};
const HEADER_BYTES = 20;

/** IPv4 (RFC 791). */
export const ipv4: Dissector = {
  layer,
  fields: [...Object.values(fields), ...ipv4OptionFields],
  read(cursor, node, context) {
    context.protocol = "IPv4";
    const start = cursor.at;
    const first = cursor.peek8();
    cursor.bits(fields.version, first >> 4, 1);
    if (first >> 4 !== 4) cursor.malformed();
    const headerLength = (first & 15) * 4;
    cursor.bits(fields.headerLength, headerLength, 1);
    cursor.at++;
    if (headerLength < HEADER_BYTES) cursor.malformed();
    const trafficClass = cursor.peek8();
    cursor.parts(fields.dsfield, trafficClass, 1, () => {
      cursor.bits(fields.dscp, trafficClass >> 2, 1);
      cursor.bits(fields.ecn, trafficClass & 3, 1);
    });
    const total = readLength(cursor, start);
    cursor.u16(fields.id);
    const fragment = readFragment(cursor);
    cursor.u8(fields.ttl);
    const proto = cursor.u8(fields.proto);
    cursor.u16(fields.checksum);
    cursor.generated(fields.status, Status.unverified);
    context.source = ipv4Text(cursor.view, cursor.need(4));
    const source = cursor.take(fields.source, 4);
    context.destination = ipv4Text(cursor.view, cursor.need(4));
    const destination = cursor.take(fields.destination, 4);
    node.summary = `${context.source} → ${context.destination}`;
    context.network = { version: 4, source, destination, fragment: fragment.more || fragment.offset > 0 };
    if (total < headerLength) cursor.malformed();
    cursor.endAt(start + total);
    cursor.within(headerLength - HEADER_BYTES, () => readIpv4Options(cursor));
    if (fragment.offset > 0) {
      context.info = `Fragment of ${ipProtocolName(proto)}, offset ${fragment.offset * 8}`;
      return rest(context.tables.data, cursor);
    }
    return afterIpProtocol(proto, cursor, context);
  },
};

/** The total length; 0 where the kernel handed a segment to the card that is longer than the field can say. */
function readLength(cursor: Cursor, start: number): number {
  const total = cursor.peek16() || cursor.wireEnd - start;
  cursor.bits(fields.length, total, 2);
  cursor.at += 2;
  return total;
}

function readFragment(cursor: Cursor): { more: boolean; offset: number } {
  const word = cursor.peek16();
  const offset = word & 0x1fff;
  cursor.add(fields.flags, word >> 13, cursor.at, 1);
  cursor.bits(fields.reserved, word >> 15, 1);
  cursor.bits(fields.dontFragment, (word >> 14) & 1, 1);
  cursor.bits(fields.moreFragments, (word >> 13) & 1, 1);
  cursor.bits(fields.offset, offset, 2);
  cursor.at += 2;
  return { more: (word & 0x2000) !== 0, offset };
}
