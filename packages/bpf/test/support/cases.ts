import type { ParseError, ProtoClass } from "../../../protocol/src/layout.ts";
import type { Rec } from "./decode.ts";
import { arp, ether, extension, fragment6, hex, icmp, ipv4, ipv6, tcp, udp } from "./frames.ts";

/** One frame and what the parser must say of it; absent error: parsed. */
export type Case = {
  readonly name: string;
  readonly frame: Buffer;
  readonly proto: ProtoClass;
  readonly error?: ParseError;
  readonly fields?: Partial<Rec>;
};

const IP4 = 0x0800;
const IP6 = 0x86dd;
const CTAG = 0x8100;
const STAG = 0x88a8;
const V4 = { saddr: `c0000201${"0".repeat(24)}`, daddr: `c6336402${"0".repeat(24)}` };
const V6 = { saddr: "20010db8000000000000000000000001", daddr: "20010db8000000000000000000000002" };
const data = Buffer.from("sonde payload of some bytes");
const four = (payload: Buffer, proto = 6): Buffer => ether(IP4, ipv4({ proto, payload }));
const six = (payload: Buffer, next = 6): Buffer => ether(IP6, ipv6({ next, payload }));
const chain = (kinds: readonly number[], last: number, payload: Buffer): Buffer =>
  six(Buffer.concat([...kinds.map((_, i) => extension(kinds[i + 1] ?? last)), payload]), kinds[0]);

const wellFormed: readonly Case[] = [
  {
    name: "tcp4",
    frame: four(tcp()),
    proto: "tcp4",
    fields: {
      ...V4,
      sportBe: 0xcafe,
      dportBe: 443,
      ethProtoBe: IP4,
      l3Off: 14,
      l4Off: 34,
      ipProto: 6,
      tcpFlags: 2,
      flags: 0,
      gsoSegs: 1,
      sampleN: 1,
      matched: 1,
      selected: 1,
    },
  },
  {
    name: "tcp4 with options of both",
    frame: ether(IP4, ipv4({ proto: 6, options: Buffer.alloc(40, 1), payload: tcp({ doff: 15, payload: Buffer.alloc(40) }) })),
    proto: "tcp4",
    fields: { l4Off: 74, dportBe: 443 },
  },
  { name: "tcp4 padded to 60", frame: Buffer.concat([four(tcp()), Buffer.alloc(6)]), proto: "tcp4", fields: { l4Off: 34 } },
  { name: "udp4", frame: four(udp({ payload: data }), 17), proto: "udp4", fields: { sportBe: 5353, dportBe: 53, ipProto: 17 } },
  { name: "icmp4 echo", frame: four(icmp(8), 1), proto: "icmp4", fields: { sportBe: 0x0800, dportBe: 0x1234 } },
  { name: "icmp4 unreachable", frame: four(icmp(3, 1), 1), proto: "icmp4", fields: { sportBe: 0x0301, dportBe: 0 } },
  { name: "sctp over v4", frame: four(data, 132), proto: "ip4_other", fields: { ipProto: 132, l4Off: 0 } },
  { name: "tcp6", frame: six(tcp({ flags: 0x12 })), proto: "tcp6", fields: { ...V6, l3Off: 14, l4Off: 54, ipProto: 6, tcpFlags: 0x12 } },
  { name: "udp6", frame: six(udp({ payload: data }), 17), proto: "udp6", fields: { dportBe: 53 } },
  { name: "icmp6 echo reply", frame: six(icmp(129), 58), proto: "icmp6", fields: { sportBe: 0x8100, dportBe: 0x1234 } },
  {
    name: "icmp6 neighbour solicitation",
    frame: six(Buffer.concat([icmp(135), Buffer.alloc(16)]), 58),
    proto: "icmp6",
    fields: { sportBe: 0x8700, dportBe: 0 },
  },
  { name: "no next header", frame: six(Buffer.alloc(0), 59), proto: "ip6_other", fields: { ipProto: 59 } },
  {
    name: "tcp6 behind three extensions",
    frame: chain([0, 43, 60], 6, tcp()),
    proto: "tcp6",
    fields: { l4Off: 78, ipProto: 6, dportBe: 443 },
  },
  { name: "tcp6 behind eight extensions", frame: chain([60, 60, 60, 60, 60, 60, 60, 60], 6, tcp()), proto: "tcp6", fields: { l4Off: 118 } },
  {
    name: "tcp6 behind a long extension",
    frame: six(Buffer.concat([extension(6, 100), tcp()]), 60),
    proto: "tcp6",
    fields: { l4Off: 54 + 808 },
  },
  {
    name: "udp6 behind an authentication header",
    frame: six(Buffer.concat([hex("11040000"), Buffer.alloc(20), udp()]), 51),
    proto: "udp6",
    fields: { l4Off: 78 },
  },
  { name: "arp", frame: ether(0x0806, arp()), proto: "arp", fields: { ...V4, sportBe: 1, l3Off: 14, ethProtoBe: 0x0806 } },
  { name: "lldp", frame: ether(0x88cc, data), proto: "other", fields: { ethProtoBe: 0x88cc, l3Off: 0, ipProto: 0 } },
  {
    name: "802.1Q",
    frame: ether(IP4, ipv4({ proto: 6, payload: tcp() }), [CTAG, 0x2064]),
    proto: "tcp4",
    fields: { flags: 1, vlanTci: 0x2064, l3Off: 18, l4Off: 38, ethProtoBe: IP4 },
  },
  {
    name: "802.1ad in 802.1Q",
    frame: ether(IP6, ipv6({ next: 17, payload: udp() }), [STAG, 100], [CTAG, 7]),
    proto: "udp6",
    fields: { flags: 3, vlanTci: 100, vlanInnerTci: 7, l3Off: 22, l4Off: 62 },
  },
  {
    name: "a third tag ends the parse",
    frame: ether(IP4, ipv4({ proto: 6, payload: tcp() }), [STAG, 1], [CTAG, 2], [CTAG, 3]),
    proto: "other",
    fields: { ethProtoBe: CTAG, vlanTci: 1, vlanInnerTci: 2 },
  },
  {
    name: "first fragment v4",
    frame: ether(IP4, ipv4({ proto: 17, frag: 0x2000, payload: udp({ length: 3000, payload: data }) })),
    proto: "udp4",
    fields: { flags: 0x08, dportBe: 53 },
  },
  {
    name: "later fragment v4",
    frame: ether(IP4, ipv4({ proto: 17, frag: 100, payload: data })),
    proto: "udp4",
    fields: { flags: 0x18, l4Off: 0, dportBe: 0 },
  },
  {
    name: "first fragment v6",
    frame: six(Buffer.concat([fragment6(6, 0, true), tcp()]), 44),
    proto: "tcp6",
    fields: { flags: 0x08, l4Off: 62 },
  },
  {
    name: "later fragment v6",
    frame: six(Buffer.concat([fragment6(6, 50, false), data]), 44),
    proto: "tcp6",
    fields: { flags: 0x18, l4Off: 0, ipProto: 6 },
  },
  {
    name: "atomic fragment v6",
    frame: six(Buffer.concat([fragment6(6, 0, false), tcp()]), 44),
    proto: "tcp6",
    fields: { flags: 0, l4Off: 62 },
  },
];

const malformed: readonly Case[] = [
  { name: "ends inside a tag", frame: Buffer.concat([ether(CTAG, hex("0064"))]), proto: "other", error: "short_vlan" },
  {
    name: "ends inside the inner tag",
    frame: ether(CTAG, hex("0007"), [STAG, 1]),
    proto: "other",
    error: "short_vlan",
    fields: { vlanTci: 1 },
  },
  { name: "arp ends early", frame: ether(0x0806, arp().subarray(0, 20)), proto: "arp", error: "short_arp" },
  { name: "arp ends in its first 8 bytes", frame: ether(0x0806, arp().subarray(0, 6)), proto: "arp", error: "short_arp" },
  {
    name: "v4 header ends early",
    frame: ether(IP4, ipv4({ proto: 6, payload: tcp() }).subarray(0, 19)),
    proto: "ip4_other",
    error: "short_ipv4",
    fields: { l3Off: 0 },
  },
  {
    name: "version 5 under the v4 EtherType",
    frame: ether(IP4, ipv4({ proto: 6, version: 5, payload: tcp() })),
    proto: "ip4_other",
    error: "bad_ip_version",
  },
  {
    name: "version 4 under the v6 EtherType",
    frame: ether(IP6, ipv6({ next: 6, version: 4, payload: tcp() })),
    proto: "ip6_other",
    error: "bad_ip_version",
  },
  { name: "ihl 4", frame: ether(IP4, ipv4({ proto: 6, ihl: 4, payload: tcp() })), proto: "ip4_other", error: "bad_ihl" },
  {
    name: "v4 options past the frame",
    frame: ether(IP4, ipv4({ proto: 6, ihl: 15, total: 24, payload: hex("01010101") })),
    proto: "ip4_other",
    error: "bad_ihl",
  },
  {
    name: "v4 total below its header",
    frame: ether(IP4, ipv4({ proto: 6, total: 19, payload: tcp() })),
    proto: "ip4_other",
    error: "bad_ip_length",
    fields: V4,
  },
  {
    name: "v4 total past the frame",
    frame: ether(IP4, ipv4({ proto: 6, total: 41, payload: tcp() })),
    proto: "ip4_other",
    error: "bad_ip_length",
  },
  {
    name: "v6 header ends early",
    frame: ether(IP6, ipv6({ next: 6, payload: tcp() }).subarray(0, 39)),
    proto: "ip6_other",
    error: "short_ipv6",
  },
  {
    name: "v6 payload past the frame",
    frame: ether(IP6, ipv6({ next: 6, length: 21, payload: tcp() })),
    proto: "ip6_other",
    error: "bad_ip_length",
    fields: V6,
  },
  {
    name: "v6 extension past the payload",
    frame: six(extension(6, 1).subarray(0, 8), 0),
    proto: "ip6_other",
    error: "short_ipv6_ext",
    fields: { ipProto: 0 },
  },
  { name: "v6 extension cut", frame: six(hex("06000000"), 60), proto: "ip6_other", error: "short_ipv6_ext", fields: { ipProto: 60 } },
  { name: "nine v6 extensions", frame: chain([60, 60, 60, 60, 60, 60, 60, 60, 60], 6, tcp()), proto: "ip6_other", error: "too_many_ext" },
  { name: "tcp cut", frame: four(tcp().subarray(0, 19)), proto: "tcp4", error: "short_tcp", fields: { l4Off: 0 } },
  {
    name: "tcp cut by the datagram, not the frame",
    frame: Buffer.concat([four(tcp().subarray(0, 12)), Buffer.alloc(20)]),
    proto: "tcp4",
    error: "short_tcp",
  },
  { name: "doff 4", frame: four(tcp({ doff: 4 })), proto: "tcp4", error: "bad_doff", fields: { dportBe: 443 } },
  { name: "tcp options past the segment", frame: six(tcp({ doff: 6 })), proto: "tcp6", error: "bad_doff" },
  { name: "udp cut", frame: four(udp().subarray(0, 7), 17), proto: "udp4", error: "short_udp" },
  { name: "udp length 7", frame: four(udp({ length: 7, payload: data }), 17), proto: "udp4", error: "bad_udp_length" },
  { name: "udp length past the datagram", frame: six(udp({ length: 9 }), 17), proto: "udp6", error: "bad_udp_length" },
  { name: "icmp cut", frame: four(icmp(8).subarray(0, 7), 1), proto: "icmp4", error: "short_icmp" },
  { name: "icmp6 cut", frame: six(icmp(128).subarray(0, 4), 58), proto: "icmp6", error: "short_icmp" },
];

export const cases: readonly Case[] = [...wellFormed, ...malformed];
