/**
 * Byte offsets of the wire structs; the C side is packages/bpf/include/abi.h and the golden vectors
 * in vectors/ hold both sides to the same bytes. Little-endian unless a field is marked "be".
 */

export const BATCH_MAGIC = 0x42444e53;
export const BATCH_VERSION = 2;
export const BATCH_HEADER_BYTES = 112;
export const RECORD_HEADER_BYTES = 96;
export const COUNTER_ROW_BYTES = 416;
/** Largest batch an agent may send and a hub accepts, header included. */
export const MAX_BATCH_BYTES = 256 * 1024;

export const BatchKind = { records: 1, counters: 2 } as const;
export type BatchKind = (typeof BatchKind)[keyof typeof BatchKind];

export const Direction = { ingress: 1, egress: 2 } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

export const Hook = { tcx: 1, clsact: 2, xdpNative: 3, xdpGeneric: 4, socket: 5 } as const;
export type Hook = (typeof Hook)[keyof typeof Hook];

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
} as const;

/** Protocol classes of the exact counters, in wire and column order. */
export const protoClasses = ["tcp4", "udp4", "icmp4", "ip4_other", "tcp6", "udp6", "icmp6", "ip6_other", "arp", "other"] as const;
export type ProtoClass = (typeof protoClasses)[number];

/** Names of enum sonde_parse_err, by value. */
export const parseErrors = [
  "ok",
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
] as const;
export type ParseError = (typeof parseErrors)[number];

/** Offsets within a counter row; a class takes three u64: frames, packets, bytes. */
export const counterRowAt = {
  ifindex: 0,
  direction: 4,
  hook: 5,
  proto: 8,
  protoStride: 24,
  unmatched: 248,
  sampledOut: 256,
  ringLost: 264,
  delivered: 272,
  noReader: 280,
  malformed: 288,
} as const;

/** A row of filter counters: what became of the packets one filter of a set took; bytes of a row. */
export const FILTER_ROW_BYTES = 48;
export const filterRowAt = {
  filterSet: 0,
  bit: 4,
  matched: 8,
  sampledOut: 16,
  ringLost: 24,
  noReader: 32,
  delivered: 40,
} as const;
