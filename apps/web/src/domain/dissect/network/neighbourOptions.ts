import { latin1, type Cursor } from "../cursor.ts";
import { bool, bytesField, etherField, hex, ipv6Field, protocol, textField, uint } from "../fields.ts";

/** IANA icmpv6-parameters, neighbour discovery options. */
const typeNames: ReadonlyMap<number, string> = new Map([
  [1, "Source link-layer address"],
  [2, "Target link-layer address"],
  [3, "Prefix information"],
  [4, "Redirected header"],
  [5, "MTU"],
  [14, "Nonce"],
  [24, "Route information"],
  [25, "Recursive DNS servers"],
  [31, "DNS search list"],
]);
const fields = {
  option: protocol("icmpv6.opt", "Option"),
  type: uint("icmpv6.opt.type", "Type", { names: typeNames }),
  length: uint("icmpv6.opt.length", "Length in 8 bytes"),
  reserved: protocol("icmpv6.opt.reserved", "Reserved"),
  padding: protocol("icmpv6.opt.padding", "Padding"),
  source: etherField("icmpv6.opt.linkaddr", "Source link-layer address", { also: ["icmpv6.opt.src_linkaddr"] }),
  target: etherField("icmpv6.opt.linkaddr", "Target link-layer address", { also: ["icmpv6.opt.target_linkaddr"] }),
  prefixLength: uint("icmpv6.opt.prefix.length", "Prefix length"),
  flags: hex("icmpv6.opt.prefix.flag", "Flags", 8),
  onLink: bool("icmpv6.opt.prefix.flag.l", "On link"),
  autonomous: bool("icmpv6.opt.prefix.flag.a", "Autonomous configuration"),
  router: bool("icmpv6.opt.prefix.flag.r", "Router address"),
  flagsReserved: uint("icmpv6.opt.prefix.flag.reserved", "Reserved"),
  valid: uint("icmpv6.opt.prefix.valid_lifetime", "Valid lifetime, s"),
  preferred: uint("icmpv6.opt.prefix.preferred_lifetime", "Preferred lifetime, s"),
  prefix: ipv6Field("icmpv6.opt.prefix", "Prefix"),
  mtu: uint("icmpv6.opt.mtu", "MTU"),
  nonce: bytesField("icmpv6.opt.nonce", "Nonce"),
  routeFlags: hex("icmpv6.opt.route_info.flag", "Flags", 8),
  routePreference: uint("icmpv6.opt.route_info.flag.route_preference", "Preference"),
  routeReserved: uint("icmpv6.opt.route_info.flag.reserved", "Reserved"),
  routeLifetime: uint("icmpv6.opt.route_lifetime", "Lifetime, s"),
  serverLifetime: uint("icmpv6.opt.rdnss.lifetime", "Lifetime, s"),
  server: ipv6Field("icmpv6.opt.rdnss", "Server"),
  searchLifetime: uint("icmpv6.opt.dnssl.lifetime", "Lifetime, s"),
  search: textField("icmpv6.opt.dnssl", "Domain"),
};
export const neighbourOptionFields = Object.values(fields);

/** Options of neighbour discovery, up to the end of the cursor (RFC 4861 4.6, RFC 4191, RFC 8106). */
export function readNeighbourOptions(cursor: Cursor): void {
  while (cursor.left > 0 || cursor.at < cursor.wireEnd) {
    cursor.group(fields.option, null, (group) => {
      const type = cursor.u8(fields.type);
      const length = cursor.u8(fields.length) * 8;
      group.summary = typeNames.get(type) ?? `type ${type}`;
      if (length === 0) cursor.malformed();
      cursor.within(length - 2, () => readOption(cursor, type));
    });
  }
}

function readOption(cursor: Cursor, type: number): void {
  switch (type) {
    case 1:
    case 2:
      if (cursor.left === 6) cursor.take(type === 1 ? fields.source : fields.target, 6);
      break;
    case 3:
      readPrefix(cursor);
      break;
    case 5:
      skip(cursor, 2);
      cursor.u32(fields.mtu);
      break;
    case 14:
      cursor.take(fields.nonce, cursor.left);
      break;
    case 24:
      readRoute(cursor);
      break;
    case 25:
      skip(cursor, 2);
      cursor.u32(fields.serverLifetime);
      while (cursor.left >= 16) cursor.take(fields.server, 16);
      break;
    case 31:
      skip(cursor, 2);
      cursor.u32(fields.searchLifetime);
      while (cursor.left > 0 && cursor.peek8() !== 0) readName(cursor);
      if (cursor.left > 0) cursor.add(fields.padding, null, cursor.at, cursor.left);
      break;
    default:
  }
}

function skip(cursor: Cursor, length: number): void {
  cursor.need(length);
  cursor.add(fields.reserved, null, cursor.at, length);
  cursor.at += length;
}

function readPrefix(cursor: Cursor): void {
  cursor.u8(fields.prefixLength);
  const flags = cursor.peek8();
  cursor.parts(fields.flags, flags, 1, () => {
    cursor.bits(fields.onLink, flags >> 7, 1);
    cursor.bits(fields.autonomous, (flags >> 6) & 1, 1);
    cursor.bits(fields.router, (flags >> 5) & 1, 1);
    cursor.bits(fields.flagsReserved, flags & 31, 1);
  });
  cursor.u32(fields.valid);
  cursor.u32(fields.preferred);
  skip(cursor, 4);
  cursor.take(fields.prefix, 16);
}

/** RFC 4191 2.3: of the prefix as many bytes as are needed. */
function readRoute(cursor: Cursor): void {
  cursor.u8(fields.prefixLength);
  const flags = cursor.peek8();
  cursor.parts(fields.routeFlags, flags, 1, () => {
    cursor.bits(fields.routePreference, (flags >> 3) & 3, 1);
    cursor.bits(fields.routeReserved, flags & 0xe7, 1);
  });
  cursor.u32(fields.routeLifetime);
  const prefix = new Uint8Array(16);
  const length = Math.min(16, cursor.left);
  prefix.set(cursor.bytes.subarray(cursor.at, cursor.at + length));
  cursor.add(fields.prefix, prefix, cursor.at, length);
}

/** A domain name without compression (RFC 8106 5.2). */
function readName(cursor: Cursor): void {
  const start = cursor.at;
  const labels: string[] = [];
  for (let length = cursor.peek8(); length !== 0; length = cursor.peek8()) {
    cursor.need(1 + length);
    labels.push(latin1(cursor.bytes, cursor.at + 1, length));
    cursor.at += 1 + length;
  }
  cursor.at++;
  cursor.add(fields.search, labels.join("."), start, cursor.at - start);
}
