import { ipv6Text } from "../../address.ts";
import { ipProtocols } from "../../names.ts";
import type { Cursor } from "../cursor.ts";
import { etherField, hex, ipv6Field, protocol, uint, type FieldDef } from "../fields.ts";
import { afterIpProtocol } from "../next.ts";
import type { Dissector } from "../types.ts";
import { dscpNames, ecnNames } from "./trafficClass.ts";

const layer = protocol("ipv6", "IPv6");
const end = (name: "src" | "dst", label: string) => ({
  address: ipv6Field(`ipv6.${name}`, label, { also: ["ipv6.addr"] }),
  mac: etherField(`ipv6.${name}_slaac_mac`, `${label}'s MAC address`, { also: ["ipv6.slaac_mac"] }),
});
const source = end("src", "Source");
const destination = end("dst", "Destination");
const fields = {
  version: uint("ipv6.version", "Version", { also: ["ip.version"] }),
  trafficClass: hex("ipv6.tclass", "Traffic class", 8),
  dscp: uint("ipv6.tclass.dscp", "DSCP", { names: dscpNames }),
  ecn: uint("ipv6.tclass.ecn", "ECN", { names: ecnNames }),
  flow: hex("ipv6.flow", "Flow label", 20),
  payloadLength: uint("ipv6.plen", "Payload length"),
  nextHeader: uint("ipv6.nxt", "Next header", { names: ipProtocols }),
  hopLimit: uint("ipv6.hlim", "Hop limit"),
};
const HEADER_BYTES = 40;
const HOP_BY_HOP = 0;

/** IPv6 (RFC 8200); extension headers are layers of their own. */
export const ipv6: Dissector = {
  layer,
  fields: [...Object.values(fields), ...Object.values(source), ...Object.values(destination)],
  read(cursor, node, context) {
    context.protocol = "IPv6";
    const start = cursor.at;
    const version = cursor.peek8() >> 4;
    cursor.bits(fields.version, version, 1);
    if (version !== 6) cursor.malformed();
    const first = cursor.peek32();
    const trafficClass = (first >>> 20) & 0xff;
    const classNode = cursor.add(fields.trafficClass, trafficClass, cursor.at, 4);
    const outer = cursor.parent;
    cursor.parent = classNode;
    cursor.bits(fields.dscp, trafficClass >> 2, 4);
    cursor.bits(fields.ecn, trafficClass & 3, 4);
    cursor.parent = outer;
    cursor.bits(fields.flow, first & 0xfffff, 3, 1);
    cursor.at += 4;
    const payloadLength = cursor.u16(fields.payloadLength);
    const nextHeader = cursor.u8(fields.nextHeader);
    cursor.u8(fields.hopLimit);
    context.source = ipv6Text(cursor.view, cursor.need(16));
    const from = readAddress(cursor, source);
    context.destination = ipv6Text(cursor.view, cursor.need(16));
    const to = readAddress(cursor, destination);
    node.summary = `${context.source} → ${context.destination}`;
    context.network = { version: 6, source: from, destination: to, fragment: false };
    // 0 with a hop-by-hop header: a jumbogram (RFC 2675), whose length an option says; else one for the card to cut
    if (payloadLength > 0 || nextHeader !== HOP_BY_HOP)
      cursor.endAt(payloadLength > 0 ? start + HEADER_BYTES + payloadLength : cursor.wireEnd);
    return afterIpProtocol(nextHeader, cursor, context);
  },
};

/** An address, with the universal MAC address that its interface identifier was made of (RFC 4291 appendix A). */
function readAddress(cursor: Cursor, { address, mac }: { address: FieldDef; mac: FieldDef }): Uint8Array {
  const at = cursor.at;
  const value = cursor.take(address, 16);
  if (((value[8] ?? 0) & 2) !== 0 && value[11] === 0xff && value[12] === 0xfe)
    cursor.add(mac, Uint8Array.of((value[8] ?? 0) ^ 2, ...value.subarray(9, 11), ...value.subarray(13, 16)), at + 8, 8);
  return value;
}
