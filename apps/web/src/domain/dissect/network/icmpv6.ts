import { ipv6Text } from "../../address.ts";
import { icmp6Name } from "../../names.ts";
import { checksumStatus, onesSum, pseudoSum, statusNames } from "../checksum.ts";
import type { Cursor } from "../cursor.ts";
import { bool, bytesField, hex, ipv6Field, protocol, uint } from "../fields.ts";
import { quoted, rest } from "../next.ts";
import type { Context, Dissector } from "../types.ts";
import { ipv6 } from "./ipv6.ts";
import { listenerFields, readListenerQuery, readListenerReport } from "./multicastListener.ts";
import { neighbourOptionFields, readNeighbourOptions } from "./neighbourOptions.ts";

const layer = protocol("icmpv6", "ICMPv6");
const preferenceNames: ReadonlyMap<number, string> = new Map([
  [0, "Medium"],
  [1, "High"],
  [3, "Low"],
]);
const fields = {
  type: uint("icmpv6.type", "Type"),
  code: uint("icmpv6.code", "Code"),
  checksum: hex("icmpv6.checksum", "Checksum", 16),
  status: uint("icmpv6.checksum.status", "Checksum status", { names: statusNames }),
  reserved: bytesField("icmpv6.reserved", "Reserved"),
  mtu: uint("icmpv6.mtu", "MTU"),
  pointer: uint("icmpv6.pointer", "Pointer"),
  ident: hex("icmpv6.echo.identifier", "Identifier", 16),
  seq: uint("icmpv6.echo.sequence_number", "Sequence"),
  hopLimit: uint("icmpv6.nd.ra.cur_hop_limit", "Hop limit"),
  routerFlags: hex("icmpv6.nd.ra.flag", "Flags", 8),
  managed: bool("icmpv6.nd.ra.flag.m", "Managed addresses"),
  other: bool("icmpv6.nd.ra.flag.o", "Other configuration"),
  homeAgent: bool("icmpv6.nd.ra.flag.h", "Home agent"),
  preference: uint("icmpv6.nd.ra.flag.prf", "Preference", { names: preferenceNames }),
  proxy: bool("icmpv6.nd.ra.flag.p", "Proxy"),
  routerReserved: uint("icmpv6.nd.ra.flag.rsv", "Reserved"),
  lifetime: uint("icmpv6.nd.ra.router_lifetime", "Router lifetime, s"),
  reachable: uint("icmpv6.nd.ra.reachable_time", "Reachable time, ms"),
  retransmit: uint("icmpv6.nd.ra.retrans_timer", "Retransmission timer, ms"),
  solicited: ipv6Field("icmpv6.nd.ns.target_address", "Target"),
  flags: hex("icmpv6.nd.na.flag", "Flags", 32),
  router: bool("icmpv6.nd.na.flag.r", "Router"),
  solicitedFlag: bool("icmpv6.nd.na.flag.s", "Solicited"),
  override: bool("icmpv6.nd.na.flag.o", "Override"),
  flagsReserved: uint("icmpv6.nd.na.flag.rsv", "Reserved"),
  advertised: ipv6Field("icmpv6.nd.na.target_address", "Target"),
  redirectTarget: ipv6Field("icmpv6.nd.rd.target_address", "Target"),
  redirectDestination: ipv6Field("icmpv6.rd.na.destination_address", "Destination"),
};
const ICMPV6 = 58;

/** ICMPv6 (RFC 4443) with neighbour discovery (RFC 4861) and multicast listeners (RFC 2710, RFC 3810). */
export const icmpv6: Dissector = {
  layer,
  fields: [...Object.values(fields), ...neighbourOptionFields, ...listenerFields],
  read(cursor, node, context) {
    context.protocol = "ICMPv6";
    const start = cursor.at;
    const type = cursor.u8(fields.type);
    const code = cursor.u8(fields.code);
    node.summary = icmp6Name(type, code);
    context.info = node.summary;
    cursor.u16(fields.checksum);
    cursor.generated(fields.status, statusOf(cursor, start, context));
    if (type < 128) {
      if (type === 2) cursor.u32(fields.mtu);
      else if (type === 4) cursor.u32(fields.pointer);
      else cursor.take(fields.reserved, 4);
      return type >= 1 && type <= 4 ? quoted(ipv6, cursor, context) : rest(context.tables.data, cursor);
    }
    if (type === 128 || type === 129) {
      const ident = cursor.u16(fields.ident);
      context.info += ` id=0x${ident.toString(16).padStart(4, "0")}, seq=${cursor.u16(fields.seq)}`;
      return rest(context.tables.data, cursor);
    }
    const known = readMessage(cursor, type);
    if (known === null) return rest(context.tables.data, cursor);
    context.info += known;
    return null;
  },
};

function statusOf(cursor: Cursor, start: number, { network, quoted: inQuotation }: Context): number {
  const whole = cursor.whole && network !== null && !network.fragment && !inQuotation;
  const pseudo = network === null ? 0 : pseudoSum(network, ICMPV6, cursor.end - start);
  return checksumStatus(onesSum(cursor.bytes, start, cursor.end, pseudo), whole);
}

/** What the list says behind the message's name; null where data follows that the message says nothing of. */
function readMessage(cursor: Cursor, type: number): string | null {
  switch (type) {
    case 130:
      return readListenerQuery(cursor, cursor.wireEnd - cursor.at >= 24);
    case 131:
    case 132:
      return readListenerQuery(cursor, false);
    case 133:
      cursor.take(fields.reserved, 4);
      readNeighbourOptions(cursor);
      return "";
    case 134:
      readRouterAdvertisement(cursor);
      readNeighbourOptions(cursor);
      return "";
    case 135: {
      cursor.take(fields.reserved, 4);
      const target = ipv6Text(cursor.view, cursor.need(16));
      cursor.take(fields.solicited, 16);
      readNeighbourOptions(cursor);
      return ` for ${target}`;
    }
    case 136: {
      readAdvertisementFlags(cursor);
      const target = ipv6Text(cursor.view, cursor.need(16));
      cursor.take(fields.advertised, 16);
      readNeighbourOptions(cursor);
      return ` of ${target}`;
    }
    case 137:
      cursor.take(fields.reserved, 4);
      cursor.take(fields.redirectTarget, 16);
      cursor.take(fields.redirectDestination, 16);
      readNeighbourOptions(cursor);
      return "";
    case 143:
      return readListenerReport(cursor, fields.reserved);
    default:
      return null;
  }
}

function readRouterAdvertisement(cursor: Cursor): void {
  cursor.u8(fields.hopLimit);
  const flags = cursor.peek8();
  cursor.parts(fields.routerFlags, flags, 1, () => {
    cursor.bits(fields.managed, flags >> 7, 1);
    cursor.bits(fields.other, (flags >> 6) & 1, 1);
    cursor.bits(fields.homeAgent, (flags >> 5) & 1, 1);
    cursor.bits(fields.preference, (flags >> 3) & 3, 1);
    cursor.bits(fields.proxy, (flags >> 2) & 1, 1);
    cursor.bits(fields.routerReserved, flags & 3, 1);
  });
  cursor.u16(fields.lifetime);
  cursor.u32(fields.reachable);
  cursor.u32(fields.retransmit);
}

function readAdvertisementFlags(cursor: Cursor): void {
  const flags = cursor.peek32();
  cursor.parts(fields.flags, flags, 4, () => {
    cursor.bits(fields.router, flags >>> 31, 4);
    cursor.bits(fields.solicitedFlag, (flags >>> 30) & 1, 4);
    cursor.bits(fields.override, (flags >>> 29) & 1, 4);
    cursor.bits(fields.flagsReserved, flags & 0x1fffffff, 4);
  });
}
