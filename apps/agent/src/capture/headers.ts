import { type ParseError, RecordFlag, parseErrors, recordAt, tunnelAt } from "@sonde/protocol";
import { addressText, beforeAddresses } from "./address-text.ts";
import { transportAt } from "./ip-packet.ts";

export const EtherType = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;
export const Protocol = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;

/** The headers of a packet as the kernel's parser saw them: of the frame itself, or of what its tunnel carries. */
export type Headers = {
  /** After the tags; 0 when it was not reached. */
  readonly etherType: number;
  /** VLAN ids, outermost first. */
  readonly vlans: readonly number[];
  /** Undefined when the addresses were not read. */
  readonly ends: { readonly source: string; readonly destination: string } | undefined;
  readonly ipProtocol: number;
  readonly fragment: boolean;
  /** Offset of the network header in the captured bytes; 0 when it was not reached. */
  readonly l3: number;
  /** Whether the header of TCP, UDP, SCTP, ICMP or ICMPv6 was parsed: ports and flags are its own. */
  readonly transport: boolean;
  /** Offset of that header in the captured bytes; 0 when they do not lead there. */
  readonly l4: number;
  /** As abi.h has them: ports, ARP's operation, ICMP's type and code with the identifier of an echo. */
  readonly sport: number;
  readonly dport: number;
  readonly tcpFlags: number;
};

const VLAN_ID = 0x0fff;
const TAG_BYTES = 4;

export const isIp = (etherType: number): boolean => etherType === EtherType.ipv4 || etherType === EtherType.ipv6;
const withPorts: ReadonlySet<number> = new Set([Protocol.tcp, Protocol.udp, Protocol.sctp]);
export const hasPorts = ({ transport, ipProtocol }: Headers): boolean => transport && withPorts.has(ipProtocol);

/** Of the frame itself, from a record (abi.h struct sonde_record, at the start of the view). */
export function headersOf(record: DataView): Headers {
  const flags = record.getUint8(recordAt.flags);
  const etherType = record.getUint16(recordAt.ethProtoBe);
  const read = !beforeAddresses.has(parseErrors[record.getUint8(recordAt.parseErr)]);
  const tags = [
    { is: RecordFlag.vlan, tci: recordAt.vlanTci },
    { is: RecordFlag.vlanInner, tci: recordAt.vlanInnerTci },
  ];
  return {
    etherType,
    vlans: tags.filter(({ is }) => (flags & is) !== 0).map(({ tci }) => record.getUint16(tci, true) & VLAN_ID),
    ends: read ? endsAt(record, recordAt, etherType) : undefined,
    ipProtocol: record.getUint8(recordAt.ipProto),
    fragment: (flags & RecordFlag.fragment) !== 0,
    l3: record.getUint16(recordAt.l3Off, true),
    transport: record.getUint16(recordAt.l4Off, true) !== 0,
    l4: record.getUint16(recordAt.l4Off, true),
    sport: record.getUint16(recordAt.sportBe),
    dport: record.getUint16(recordAt.dportBe),
    tcpFlags: record.getUint8(recordAt.tcpFlags),
  };
}

/** Cases in which a transport header was read before its own fault was found. */
const behindPorts: ReadonlySet<ParseError | undefined> = new Set(["ok", "inner_bad_doff", "inner_bad_udp_length"] as const);

/**
 * Of what a tunnel carries, from its trailer (abi.h struct sonde_tunnel, at the start of the view) and the
 * captured bytes, in which the ids of its tags and the place of its transport header are looked up.
 */
export function carriedHeaders(tunnel: DataView, { bytes, error }: { bytes: DataView; error: ParseError | undefined }): Headers {
  const flags = tunnel.getUint8(tunnelAt.flags);
  const etherType = tunnel.getUint16(tunnelAt.ethProtoBe);
  const ipProtocol = tunnel.getUint8(tunnelAt.ipProto);
  const l3 = tunnel.getUint16(tunnelAt.l3Off, true);
  const read = l3 !== 0 && !beforeAddresses.has(outerName(error));
  const parsed = withPorts.has(ipProtocol) || ipProtocol === (etherType === EtherType.ipv6 ? Protocol.icmpv6 : Protocol.icmp);
  const transport = read && parsed && behindPorts.has(error) && (flags & RecordFlag.laterFragment) === 0;
  return {
    etherType,
    vlans: tagsBefore(bytes, l3, flags),
    ends: read ? endsAt(tunnel, tunnelAt, etherType) : undefined,
    ipProtocol,
    fragment: (flags & RecordFlag.fragment) !== 0,
    l3,
    transport,
    l4: transport ? (transportAt(bytes, l3, ipProtocol) ?? 0) : 0,
    sport: tunnel.getUint16(tunnelAt.sportBe),
    dport: tunnel.getUint16(tunnelAt.dportBe),
    tcpFlags: tunnel.getUint8(tunnelAt.tcpFlags),
  };
}

/** The name of the same case in a frame's own headers. */
const outerName = (error: ParseError | undefined): string | undefined => error?.replace(/^inner_/, "");

/** The tags end where the network header begins (IEEE 802.1Q: TCI, then the next type). */
function tagsBefore(bytes: DataView, l3: number, flags: number): readonly number[] {
  const count = (flags & RecordFlag.vlanInner) !== 0 ? 2 : (flags & RecordFlag.vlan) !== 0 ? 1 : 0;
  const first = l3 - count * TAG_BYTES;
  if (count === 0 || first < 0 || l3 > bytes.byteLength) return [];
  return Array.from({ length: count }, (_, i) => bytes.getUint16(first + i * TAG_BYTES) & VLAN_ID);
}

function endsAt(view: DataView, at: { readonly saddr: number; readonly daddr: number }, etherType: number): Headers["ends"] {
  if (!isIp(etherType) && etherType !== EtherType.arp) return undefined;
  const family = etherType === EtherType.ipv6 ? 6 : 4;
  return { source: addressText(view, at.saddr, family), destination: addressText(view, at.daddr, family) };
}
