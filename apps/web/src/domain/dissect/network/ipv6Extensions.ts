import { ipProtocols } from "../../names.ts";
import type { Cursor } from "../cursor.ts";
import { bool, bytesField, hex, ipv6Field, protocol, uint, type FieldDef } from "../fields.ts";
import { afterIpProtocol, rest } from "../next.ts";
import type { Dissector } from "../types.ts";
import { ipv6OptionFields, readIpv6Options } from "./ipv6Options.ts";

const head = (name: string) => ({
  next: uint(`${name}.nxt`, "Next header", { names: ipProtocols }),
  length: uint(`${name}.len`, "Length in 8 bytes"),
  octets: uint(`${name}.len_oct`, "Length"),
});
type Head = ReturnType<typeof head>;

/** Next header and length, which counts 8 bytes beyond the first 8: both, the length in bytes. */
function readHead(cursor: Cursor, fields: Head): { next: number; end: number } {
  const start = cursor.at;
  const next = cursor.u8(fields.next);
  const units = cursor.u8(fields.length);
  const octets = (units + 1) * 8;
  cursor.generated(fields.octets, octets);
  return { next, end: start + octets };
}

function options(name: string, label: string): Dissector {
  const fields = head(name);
  return {
    layer: protocol(name, label),
    fields: [...Object.values(fields), ...ipv6OptionFields],
    read(cursor, node, context) {
      const { next, end } = readHead(cursor, fields);
      readIpv6Options(cursor, end);
      node.summary = `${node.children.length - 3} options`;
      return afterIpProtocol(next, cursor, context);
    },
  };
}

/** RFC 8200 4.3. */
export const hopByHop = options("ipv6.hopopts", "IPv6 hop-by-hop options");
/** RFC 8200 4.6. */
export const destinationOptions = options("ipv6.dstopts", "IPv6 destination options");

const routingHead = head("ipv6.routing");
/** IANA ipv6-parameters, routing types. */
const routingNames: ReadonlyMap<number, string> = new Map([
  [0, "Source route"],
  [1, "Nimrod"],
  [2, "Mobile IPv6"],
  [3, "RPL source route"],
  [4, "Segment routing"],
]);
const routingFields = {
  type: uint("ipv6.routing.type", "Type", { names: routingNames }),
  left: uint("ipv6.routing.segleft", "Segments left"),
  reserved: bytesField("ipv6.routing.src.reserved", "Reserved"),
  address: ipv6Field("ipv6.routing.src.addr", "Address"),
  mobileReserved: bytesField("ipv6.routing.mipv6.reserved", "Reserved"),
  home: ipv6Field("ipv6.routing.mipv6.home_address", "Home address"),
  last: uint("ipv6.routing.srh.last_entry", "Last entry"),
  flags: hex("ipv6.routing.srh.flags", "Flags", 8),
  tag: bytesField("ipv6.routing.srh.tag", "Tag"),
  segment: ipv6Field("ipv6.routing.srh.addr", "Segment"),
  unknown: bytesField("ipv6.routing.unknown_data", "Data"),
};

/** RFC 8200 4.4. */
export const routing: Dissector = {
  layer: protocol("ipv6.routing", "IPv6 routing header"),
  fields: [...Object.values(routingHead), ...Object.values(routingFields)],
  read(cursor, node, context) {
    const { next, end } = readHead(cursor, routingHead);
    const type = cursor.u8(routingFields.type);
    const left = cursor.u8(routingFields.left);
    node.summary = `${routingNames.get(type) ?? `type ${type}`}, ${left} left`;
    const last = cursor.within(end - cursor.at, () => readRoute(cursor, type));
    // checksums are of the last destination (RFC 8200 8.1)
    if (left > 0 && last !== null && context.network !== null) context.network = { ...context.network, destination: last };
    return afterIpProtocol(next, cursor, context);
  },
};

/** The type's own fields: the last destination of the route, if it holds one. */
function readRoute(cursor: Cursor, type: number): Uint8Array | null {
  if (type === 0) {
    cursor.take(routingFields.reserved, 4);
    return readAddresses(cursor, routingFields.address).at(-1) ?? null;
  }
  if (type === 2) {
    cursor.take(routingFields.mobileReserved, 4);
    return readAddresses(cursor, routingFields.home).at(-1) ?? null;
  }
  if (type !== 4) {
    if (cursor.left > 0) cursor.take(routingFields.unknown, cursor.left);
    return null;
  }
  const last = cursor.u8(routingFields.last);
  cursor.u8(routingFields.flags);
  cursor.take(routingFields.tag, 2);
  return readAddresses(cursor, routingFields.segment, last + 1)[0] ?? null;
}

function readAddresses(cursor: Cursor, field: FieldDef, most = 128): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  while (cursor.left >= 16 && found.length < most) found.push(cursor.take(field, 16));
  return found;
}

const fragmentFields = {
  next: uint("ipv6.fraghdr.nxt", "Next header", { names: ipProtocols }),
  reserved: hex("ipv6.fraghdr.reserved_octet", "Reserved", 8),
  offset: uint("ipv6.fraghdr.offset", "Offset in 8 bytes"),
  reservedBits: uint("ipv6.fraghdr.reserved_bits", "Reserved bits"),
  more: bool("ipv6.fraghdr.more", "More fragments"),
  id: hex("ipv6.fraghdr.ident", "Identification", 32),
};

/** RFC 8200 4.5. */
export const fragment: Dissector = {
  layer: protocol("ipv6.fraghdr", "IPv6 fragment"),
  fields: Object.values(fragmentFields),
  read(cursor, node, context) {
    const next = cursor.u8(fragmentFields.next);
    cursor.u8(fragmentFields.reserved);
    const word = cursor.peek16();
    const [offset, more] = [word >> 3, word & 1];
    cursor.bits(fragmentFields.offset, offset, 2);
    cursor.bits(fragmentFields.reservedBits, (word >> 1) & 3, 2);
    cursor.bits(fragmentFields.more, more, 2);
    cursor.at += 2;
    const id = cursor.u32(fragmentFields.id);
    node.summary = `offset ${offset * 8}${more === 1 ? ", more follow" : ""}`;
    if (context.network !== null) context.network = { ...context.network, fragment: offset > 0 || more === 1 };
    if (offset === 0) return afterIpProtocol(next, cursor, context);
    context.info = `IPv6 fragment (off=${offset * 8} more=${more === 1 ? "y" : "n"} ident=0x${id.toString(16).padStart(8, "0")} nxt=${next})`;
    return rest(context.tables.data, cursor);
  },
};

const authenticationFields = {
  next: uint("ah.next_header", "Next header", { names: ipProtocols }),
  length: uint("ah.length", "Length in 4 bytes"),
  reserved: bytesField("ah.reserved", "Reserved"),
  spi: hex("ah.spi", "SPI", 32),
  sequence: uint("ah.sequence", "Sequence"),
  icv: bytesField("ah.icv", "Integrity check value"),
};

/** The authentication header (RFC 4302). */
export const authentication: Dissector = {
  layer: protocol("ah", "Authentication header"),
  fields: Object.values(authenticationFields),
  read(cursor, node, context) {
    const next = cursor.u8(authenticationFields.next);
    const length = cursor.u8(authenticationFields.length);
    cursor.take(authenticationFields.reserved, 2);
    const spi = cursor.u32(authenticationFields.spi);
    // the length counts 4 bytes beyond the first 8
    if (length > 0) cursor.u32(authenticationFields.sequence);
    const check = (length - 1) * 4;
    if (check > 0) cursor.take(authenticationFields.icv, check);
    node.summary = `SPI 0x${spi.toString(16).padStart(8, "0")}`;
    context.protocol = "AH";
    context.info = node.summary;
    return afterIpProtocol(next, cursor, context);
  },
};
