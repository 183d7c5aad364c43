import type { TestResult } from "@sonde/bpf";
import { type ParseError, RecordFlag, type TunnelType, parseErrors, recordAt, tunnelAt, tunnelTypes, viewOf } from "@sonde/protocol";
import type { FilePacket } from "./capture-file.ts";
import { EtherType, type Headers, Protocol, carriedHeaders, hasPorts, headersOf, isIp } from "./headers.ts";
import { packetEnd } from "./ip-packet.ts";
import { tcpOptions } from "./tcp-options.ts";

/** Headers in the terms of ECS and OpenTelemetry; what a packet has not is left out. */
type DecodedHeaders = {
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
  readonly "tcp.options.mss"?: number;
  readonly "tcp.options.window_scale"?: number;
  readonly "tcp.options.sack_permitted"?: true;
  /** Left and right edge of each block. */
  readonly "tcp.options.sack"?: readonly (readonly [number, number])[];
  readonly "tcp.options.timestamp.value"?: number;
  readonly "tcp.options.timestamp.echo"?: number;
};

/** What a tunnel carries. `id` is the VNI of VXLAN and Geneve, the key of GRE (0 without one). */
export type DecodedTunnel = DecodedHeaders & { readonly type: TunnelType; readonly id?: number };

/** One packet as the kernel's parser saw it, for `sonde-agent decode`. */
export type DecodedPacket = DecodedHeaders & {
  readonly packet: number;
  readonly "frame.length": number;
  readonly "frame.captured": number;
  readonly tunnel?: DecodedTunnel;
  /** Name of the malformed case (SPEC 3). */
  readonly malformed?: string;
};

const networkTypes = new Map<number, string>([
  [EtherType.ipv4, "ipv4"],
  [EtherType.ipv6, "ipv6"],
  [EtherType.arp, "arp"],
]);
/** Names of protocol numbers as ECS writes network.transport; others are given as their number. */
const transports = new Map([
  [Protocol.icmp, "icmp"],
  [2, "igmp"],
  [4, "ipip"],
  [Protocol.tcp, "tcp"],
  [Protocol.udp, "udp"],
  [41, "ipv6"],
  [47, "gre"],
  [50, "esp"],
  [51, "ah"],
  [Protocol.icmpv6, "ipv6-icmp"],
  [Protocol.sctp, "sctp"],
]);
const TCP_BYTES = 20;

type Seen = Pick<Extract<TestResult, { ran: true }>, "record" | "tunnel">;

/** What a test run saw of a packet; numbers that are in no record are read from the packet itself. */
export function decodePacket(packet: FilePacket, { record, tunnel }: Seen): DecodedPacket {
  const view = viewOf(record);
  const bytes = viewOf(packet.bytes);
  const code = view.getUint8(recordAt.parseErr);
  const error = parseErrors[code];
  const tunnelled = tunnel !== null && (view.getUint8(recordAt.flags) & RecordFlag.tunnel) !== 0;
  return {
    packet: packet.number,
    "frame.length": packet.wireLen,
    "frame.captured": packet.bytes.length,
    ...describe(headersOf(view), bytes),
    ...(tunnelled ? { tunnel: describeTunnel(viewOf(tunnel), bytes, error) } : {}),
    ...(code === 0 ? {} : { malformed: error ?? String(code) }),
  };
}

function describeTunnel(tunnel: DataView, bytes: DataView, error: ParseError | undefined): DecodedTunnel {
  const type = tunnelTypes[tunnel.getUint8(tunnelAt.type)] ?? "none";
  return {
    type,
    ...(type === "ipip" ? {} : { id: tunnel.getUint32(tunnelAt.id, true) }),
    ...describe(carriedHeaders(tunnel, { bytes, error }), bytes),
  };
}

function describe(headers: Headers, bytes: DataView): DecodedHeaders {
  const [vlan, inner] = headers.vlans;
  return {
    ...(vlan === undefined ? {} : { vlan }),
    ...(inner === undefined ? {} : { "vlan.inner": inner }),
    ...describeNetwork(headers),
    ...describeTransport(headers, bytes),
  };
}

function describeNetwork({ etherType, ends, fragment, sport }: Headers): DecodedHeaders {
  const type = networkTypes.get(etherType);
  if (type === undefined) return {};
  if (ends === undefined) return { "network.type": type };
  const addresses = { "source.address": ends.source, "destination.address": ends.destination };
  if (isIp(etherType)) return { "network.type": type, ...addresses, "ip.fragment": fragment };
  const named = { "network.type": type, "arp.opcode": sport };
  const unknown = ends.source === "0.0.0.0" && ends.destination === "0.0.0.0"; // ARP of other kinds
  return unknown ? named : { ...named, ...addresses };
}

function describeTransport(headers: Headers, bytes: DataView): DecodedHeaders {
  const { etherType, ends, ipProtocol, sport, dport } = headers;
  if (!isIp(etherType) || ends === undefined) return {};
  const named = { "network.transport": transports.get(ipProtocol) ?? String(ipProtocol) };
  if (!headers.transport) return named;
  if (!hasPorts(headers)) return { ...named, "icmp.type": sport >> 8, "icmp.code": sport & 255 };
  return { ...named, "source.port": sport, "destination.port": dport, ...(ipProtocol === Protocol.tcp ? describeTcp(headers, bytes) : {}) };
}

function describeTcp({ tcpFlags, l3, l4 }: Headers, bytes: DataView): DecodedHeaders {
  const flags = { "tcp.flags": tcpFlags };
  if (l4 === 0 || l4 + TCP_BYTES > bytes.byteLength) return flags;
  const packet = new DataView(bytes.buffer, bytes.byteOffset, packetEnd(bytes, l3, bytes.byteLength));
  const { mss, windowScale, sackPermitted, sack, timestamp } = tcpOptions(packet, l4);
  return {
    ...flags,
    "tcp.seq": bytes.getUint32(l4 + 4),
    "tcp.ack": bytes.getUint32(l4 + 8),
    "tcp.window": bytes.getUint16(l4 + 14),
    ...(mss === undefined ? {} : { "tcp.options.mss": mss }),
    ...(windowScale === undefined ? {} : { "tcp.options.window_scale": windowScale }),
    ...(sackPermitted === undefined ? {} : { "tcp.options.sack_permitted": sackPermitted }),
    ...(sack === undefined ? {} : { "tcp.options.sack": sack }),
    ...(timestamp === undefined ? {} : { "tcp.options.timestamp.value": timestamp.value, "tcp.options.timestamp.echo": timestamp.echo }),
  };
}
