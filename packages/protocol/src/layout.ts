/**
 * Byte offsets of the wire structs; the C side is packages/bpf/include/abi.h and the golden vectors
 * in vectors/ hold both sides to the same bytes. Little-endian unless a field is marked "be".
 */

export const BATCH_MAGIC = 0x42444e53;
export const BATCH_VERSION = 3;
export const BATCH_HEADER_BYTES = 112;
export const RECORD_HEADER_BYTES = 96;
export const TUNNEL_BYTES = 48;
export const COUNTER_ROW_BYTES = 1248;
export const FLOW_BYTES = 104;
export const FILTER_ROW_BYTES = 48;
/** Largest batch an agent may send and a hub accepts, header included. */
export const MAX_BATCH_BYTES = 256 * 1024;

export const BatchKind = { records: 1, counters: 2, flows: 3, filterCounters: 4 } as const;
export type BatchKindName = keyof typeof BatchKind;
export type BatchKind = (typeof BatchKind)[BatchKindName];
/** In the order of their numbers, from 1. */
export const batchKinds = ["records", "counters", "flows", "filterCounters"] as const satisfies readonly BatchKindName[];

export const Direction = { ingress: 1, egress: 2 } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

export const Hook = { tcx: 1, clsact: 2, xdpNative: 3, xdpGeneric: 4, socket: 5 } as const;
export type Hook = (typeof Hook)[keyof typeof Hook];

/** Names of enum sonde_verdict, by value: what became of a packet; the order is that of the counters. */
export const verdicts = ["pass", "drop"] as const;

/** Names of enum sonde_tunnel_type, by value. */
export const tunnelTypes = ["none", "vxlan", "geneve", "gre", "ipip"] as const;
export type TunnelType = (typeof tunnelTypes)[number];

export const headerAt = {
  magic: 0,
  version: 4,
  kind: 6,
  hostId: 8,
  bootId: 24,
  stream: 40,
  sequence: 48,
  filterSet: 56,
  count: 60,
  bodyLen: 64,
  sampleN: 68,
  firstNs: 72,
  lastNs: 80,
  ringLost: 88,
  queueLost: 96,
  snaplen: 104,
  reserved: 108,
} as const;

export const recordAt = {
  recLen: 0,
  capLen: 2,
  wireLen: 4,
  tsNs: 8,
  ifindex: 16,
  sampleN: 20,
  matched: 24,
  selected: 32,
  saddr: 40,
  daddr: 56,
  sportBe: 72,
  dportBe: 74,
  ethProtoBe: 76,
  vlanTci: 78,
  vlanInnerTci: 80,
  gsoSegs: 82,
  l3Off: 84,
  l4Off: 86,
  direction: 88,
  hook: 89,
  verdict: 90,
  parseErr: 91,
  ipProto: 92,
  tcpFlags: 93,
  flags: 94,
  proto: 95,
} as const;

export const RecordFlag = {
  vlan: 0x01,
  vlanInner: 0x02,
  vlanMeta: 0x04,
  fragment: 0x08,
  laterFragment: 0x10,
  l3: 0x20,
  tunnel: 0x40,
} as const;

/** What a tunnel carries: the last 48 bytes of a record with RecordFlag.tunnel. */
export const tunnelAt = {
  saddr: 0,
  daddr: 16,
  sportBe: 32,
  dportBe: 34,
  ethProtoBe: 36,
  l3Off: 38,
  id: 40,
  type: 44,
  ipProto: 45,
  tcpFlags: 46,
  flags: 47,
} as const;

/** Protocol classes of the exact counters, in wire and column order. */
export const protoClasses = ["tcp4", "udp4", "icmp4", "ip4_other", "tcp6", "udp6", "icmp6", "ip6_other", "arp", "other"] as const;
export type ProtoClass = (typeof protoClasses)[number];

/** Malformed cases of a packet's own headers: names of enum sonde_parse_err, from 1. */
const parseFailures = [
  "short_l2",
  "short_vlan",
  "short_arp",
  "short_ipv4",
  "bad_ip_version",
  "bad_ihl",
  "bad_ip_length",
  "short_ipv6",
  "short_ipv6_ext",
  "too_many_ext",
  "short_tcp",
  "bad_doff",
  "short_udp",
  "bad_udp_length",
  "short_icmp",
  "short_sctp",
  "short_gre",
  "bad_gre",
  "short_vxlan",
  "bad_vxlan",
  "short_geneve",
  "bad_geneve",
] as const;
/** In the packet that a tunnel carries: the same reason, so much higher. */
const INNER = 32;
const MALFORMED_CLASSES = 64;

type ParseFailure = (typeof parseFailures)[number];
export type ParseError = "ok" | ParseFailure | `inner_${ParseFailure}`;

/** Names of enum sonde_parse_err, by value; undefined where no reason has that value yet. */
export const parseErrors: readonly (ParseError | undefined)[] = Array.from({ length: MALFORMED_CLASSES }, (_, value) => {
  if (value === 0) return "ok";
  const failure = parseFailures[(value % INNER) - 1];
  if (failure === undefined) return undefined;
  return value < INNER ? failure : (`inner_${failure}` as const);
});

/** Bits of a TCP header's byte 13, lowest first: the order of the counters. */
export const tcpFlagNames = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"] as const;

/** Least frame length of each size class, in bytes. */
export const sizeClasses = [0, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536] as const;

/**
 * Offsets within a counter row. Counts are three u64: frames, packets, bytes; `proto` holds them for each class,
 * first of what passed, then of what was dropped.
 */
export const counterRowAt = {
  ifindex: 0,
  direction: 4,
  hook: 5,
  reserved: 6,
  proto: 8,
  protoStride: 24,
  verdictStride: 240,
  unmatched: 488,
  sampledOut: 496,
  ringLost: 504,
  delivered: 512,
  noReader: 520,
  unflowed: 528,
  nonFlow: 552,
  tcpFlags: 576,
  sizes: 640,
  malformed: 736,
} as const;

/** A flow record. The first 56 bytes are its key: what all its packets have in common. */
export const FLOW_KEY_BYTES = 56;
export const flowAt = {
  saddr: 0,
  daddr: 16,
  sportBe: 32,
  dportBe: 34,
  ifindex: 36,
  vlan: 40,
  vlanInner: 42,
  tunnelId: 44,
  tunnel: 48,
  family: 49,
  ipProto: 50,
  direction: 51,
  keyReserved: 52,
  firstNs: 56,
  lastNs: 64,
  frames: 72,
  packets: 80,
  bytes: 88,
  tcpFlags: 96,
  verdict: 97,
  endReason: 98,
  reserved: 99,
} as const;

/** Why a flow record was written: flowEndReason of IPFIX (element 136, RFC 5102). */
export const FlowEnd = { idle: 1, active: 2, detected: 3, forced: 4, noResources: 5 } as const;
export type FlowEnd = (typeof FlowEnd)[keyof typeof FlowEnd];

/** A row of filter counters: what became of the packets one filter of a set took. */
export const filterRowAt = {
  filterSet: 0,
  bit: 4,
  matched: 8,
  sampledOut: 16,
  ringLost: 24,
  noReader: 32,
  delivered: 40,
} as const;
