import { RecordFlag, parseErrors, recordAt } from "@sonde/protocol";
import { addressText, beforeAddresses } from "./address-text.ts";
import type { FilePacket } from "./capture-file.ts";

/** One packet as the kernel's parser saw it, for `sonde-agent decode`; what the packet has not is left out. */
export type DecodedPacket = {
  readonly packet: number;
  readonly "frame.length": number;
  readonly "frame.captured": number;
  readonly vlan?: number;
  readonly "vlan.inner"?: number;
  readonly "network.type"?: string;
  readonly "network.transport"?: string;
  readonly "source.address"?: string;
  readonly "source.port"?: number;
  readonly "destination.address"?: string;
  readonly "destination.port"?: number;
  readonly "ip.fragment"?: boolean;
  readonly "arp.opcode"?: number;
  readonly "icmp.type"?: number;
  readonly "icmp.code"?: number;
  readonly "tcp.flags"?: number;
  readonly "tcp.seq"?: number;
  readonly "tcp.ack"?: number;
  readonly "tcp.window"?: number;
  /** Name of the malformed case (SPEC 3). */
  readonly malformed?: string;
};

const networkTypes = new Map([
  [0x0800, "ipv4"],
  [0x86dd, "ipv6"],
  [0x0806, "arp"],
]);
const TCP = 6;
const ICMP = 1;
const ICMPV6 = 58;
/** Names of protocol numbers as ECS writes network.transport; others are given as their number. */
const transports = new Map([
  [ICMP, "icmp"],
  [2, "igmp"],
  [4, "ipip"],
  [TCP, "tcp"],
  [17, "udp"],
  [41, "ipv6"],
  [47, "gre"],
  [50, "esp"],
  [51, "ah"],
  [ICMPV6, "ipv6-icmp"],
  [132, "sctp"],
]);
const VLAN_ID = 0x0fff;

/** Reads the record at the start of `record`; its TCP numbers lie in the packet, where the parser found the header. */
export function decodePacket(packet: FilePacket, record: DataView): DecodedPacket {
  const flags = record.getUint8(recordAt.flags);
  const error = record.getUint8(recordAt.parseErr);
  return {
    packet: packet.number,
    "frame.length": packet.wireLen,
    "frame.captured": packet.bytes.length,
    ...((flags & RecordFlag.vlan) !== 0 ? { vlan: record.getUint16(recordAt.vlanTci, true) & VLAN_ID } : {}),
    ...((flags & RecordFlag.vlanInner) !== 0 ? { "vlan.inner": record.getUint16(recordAt.vlanInnerTci, true) & VLAN_ID } : {}),
    ...network(record, flags),
    ...transport(packet, record),
    ...(error === 0 ? {} : { malformed: parseErrors[error] ?? String(error) }),
  };
}

const typeOf = (record: DataView): string | undefined => networkTypes.get(record.getUint16(recordAt.ethProtoBe));

function network(record: DataView, flags: number): Partial<DecodedPacket> {
  const type = typeOf(record);
  if (type === undefined) return {};
  const named = { "network.type": type, ...(type === "arp" ? { "arp.opcode": record.getUint16(recordAt.sportBe) } : {}) };
  if (beforeAddresses.has(parseErrors[record.getUint8(recordAt.parseErr)])) return { "network.type": type };
  const text = (at: number): string => addressText(record, at, type === "ipv6" ? 6 : 4);
  const addresses = { "source.address": text(recordAt.saddr), "destination.address": text(recordAt.daddr) };
  if (type !== "arp") return { ...named, ...addresses, "ip.fragment": (flags & RecordFlag.fragment) !== 0 };
  const unknown = addresses["source.address"] === "0.0.0.0" && addresses["destination.address"] === "0.0.0.0"; // ARP of other kinds
  return unknown ? named : { ...named, ...addresses };
}

function transport(packet: FilePacket, record: DataView): Partial<DecodedPacket> {
  const protocol = record.getUint8(recordAt.ipProto);
  const type = typeOf(record);
  if ((type !== "ipv4" && type !== "ipv6") || beforeAddresses.has(parseErrors[record.getUint8(recordAt.parseErr)])) return {};
  const named = { "network.transport": transports.get(protocol) ?? String(protocol) };
  const at = record.getUint16(recordAt.l4Off, true);
  if (at === 0) return named;
  const source = record.getUint16(recordAt.sportBe);
  if (protocol === ICMP || protocol === ICMPV6) return { ...named, "icmp.type": source >> 8, "icmp.code": source & 255 };
  const ports = { ...named, "source.port": source, "destination.port": record.getUint16(recordAt.dportBe) };
  if (protocol !== TCP) return ports;
  const header = new DataView(packet.bytes.buffer, packet.bytes.byteOffset + at, 20); // the parser had it whole
  return {
    ...ports,
    "tcp.flags": record.getUint8(recordAt.tcpFlags),
    "tcp.seq": header.getUint32(4),
    "tcp.ack": header.getUint32(8),
    "tcp.window": header.getUint16(14),
  };
}
