import { CTAG, IP4, IP6, V4, V6, type Case, chain, data, four, six } from "./case.ts";
import { arp, ether, hex, ipv4, ipv6, tcp, udp } from "./frames.ts";

const inner = ether(IP4, ipv4({ proto: 6, payload: tcp({ sport: 7, dport: 8, flags: 0x12 }) }));
const inside4 = { ...V4, ethProtoBe: IP4, sportBe: 7, dportBe: 8, ipProto: 6, tcpFlags: 0x12 };
const vxlan = (payload: Buffer, head = hex("08000000 00002a00")): Buffer =>
  four(udp({ dport: 4789, payload: Buffer.concat([head, payload]) }), 17);
const geneve = (payload: Buffer, head: string): Buffer => six(udp({ dport: 6081, payload: Buffer.concat([hex(head), payload]) }), 17);
const gre = (head: string, payload: Buffer): Buffer => four(Buffer.concat([hex(head), payload]), 47);
const bare4 = ipv4({ proto: 6, payload: tcp({ sport: 7, dport: 8, flags: 0x12 }) });
const bare6 = ipv6({ next: 17, payload: udp() });
const inside6 = { ...V6, ethProtoBe: IP6, sportBe: 5353, dportBe: 53, ipProto: 17 };

const sound: readonly Case[] = [
  {
    name: "vxlan",
    frame: vxlan(inner),
    proto: "udp4",
    fields: { dportBe: 4789 },
    tunnel: { ...inside4, type: 1, id: 42, l3Off: 64, flags: 0 },
  },
  {
    name: "vxlan with a tag inside",
    frame: vxlan(ether(IP6, bare6, [CTAG, 5])),
    proto: "udp4",
    tunnel: { ...inside6, type: 1, id: 42, l3Off: 68, flags: 1 },
  },
  {
    name: "vxlan with arp inside",
    frame: vxlan(ether(0x0806, arp())),
    proto: "udp4",
    tunnel: { type: 1, id: 42, ethProtoBe: 0x0806, l3Off: 0, saddr: "0".repeat(32), sportBe: 0 },
  },
  {
    name: "vxlan behind a tag",
    frame: ether(IP4, ipv4({ proto: 17, payload: udp({ dport: 4789, payload: Buffer.concat([hex("0800000000002a00"), inner]) }) }), [
      CTAG,
      100,
    ]),
    proto: "udp4",
    fields: { vlanTci: 100, l3Off: 18 },
    tunnel: { ...inside4, id: 42, l3Off: 68 },
  },
  {
    name: "vxlan in vxlan: one level",
    frame: vxlan(vxlan(inner)),
    proto: "udp4",
    tunnel: { type: 1, ipProto: 17, sportBe: 5353, dportBe: 4789 },
  },
  {
    name: "vxlan with a first fragment inside",
    frame: vxlan(ether(IP4, ipv4({ proto: 6, frag: 0x2000, payload: tcp({ sport: 7, dport: 8 }) }))),
    proto: "udp4",
    tunnel: { flags: 0x08, sportBe: 7, dportBe: 8 },
  },
  {
    name: "geneve with options, Ethernet inside",
    frame: geneve(inner, "0240 6558 00ffff00 0102030405060708"),
    proto: "udp6",
    tunnel: { ...inside4, type: 2, id: 0xffff, l3Off: 14 + 40 + 8 + 16 + 14 },
  },
  {
    name: "geneve with IPv6 inside",
    frame: geneve(bare6, "0000 86dd 00000100"),
    proto: "udp6",
    tunnel: { ...inside6, type: 2, id: 1, l3Off: 70 },
  },
  { name: "gre", frame: gre("0000 0800", bare4), proto: "ip4_other", tunnel: { ...inside4, type: 3, id: 0, l3Off: 38 } },
  {
    name: "gre with checksum, key and sequence",
    frame: gre("b000 86dd 00000000 00000007 00000001", bare6),
    proto: "ip4_other",
    tunnel: { ...inside6, type: 3, id: 7, l3Off: 50 },
  },
  {
    name: "gre with Ethernet",
    frame: gre("2000 6558 deadbeef", inner),
    proto: "ip4_other",
    tunnel: { ...inside4, type: 3, id: 0xdeadbeef },
  },
  {
    name: "gre with a protocol of others",
    frame: gre("0000 88cc", data),
    proto: "ip4_other",
    tunnel: { type: 3, ethProtoBe: 0x88cc, l3Off: 0 },
  },
  { name: "4 in 4", frame: four(bare4, 4), proto: "ip4_other", tunnel: { ...inside4, type: 4, l3Off: 34 } },
  { name: "6 in 4", frame: four(bare6, 41), proto: "ip4_other", tunnel: { ...inside6, type: 4 } },
  { name: "4 in 6", frame: six(bare4, 4), proto: "ip6_other", tunnel: { ...inside4, type: 4, l3Off: 54 } },
  { name: "6 in 6 behind an extension", frame: chain([60], 41, bare6), proto: "ip6_other", tunnel: { ...inside6, type: 4, l3Off: 62 } },
  {
    name: "not first in its datagram",
    frame: ether(IP4, ipv4({ proto: 4, frag: 9, payload: bare4 })),
    proto: "ip4_other",
    fields: { flags: 0x18 },
  },
];

const malformed: readonly Case[] = [
  { name: "sctp ends early", frame: four(data.subarray(0, 11), 132), proto: "ip4_other", error: "short_sctp" },
  { name: "vxlan ends early", frame: vxlan(Buffer.alloc(0), hex("0800")), proto: "udp4", error: "short_vxlan" },
  {
    name: "vxlan in a datagram that ends before its packet",
    frame: four(udp({ dport: 4789, length: 10, payload: Buffer.concat([hex("0800000000002a00"), inner]) }), 17),
    proto: "udp4",
    error: "short_vxlan",
  },
  { name: "vxlan without its flag", frame: vxlan(inner, hex("0000000000002a00")), proto: "udp4", error: "bad_vxlan" },
  { name: "geneve ends early", frame: geneve(Buffer.alloc(0), "0000 0800"), proto: "udp6", error: "short_geneve" },
  {
    name: "geneve options past the end",
    frame: geneve(data, "3f00 0800 00000100"),
    proto: "udp6",
    error: "short_geneve",
    tunnel: { type: 2, id: 1 },
  },
  { name: "geneve version 1", frame: geneve(bare4, "4000 0800 00000100"), proto: "udp6", error: "bad_geneve" },
  { name: "gre ends early", frame: gre("0000", Buffer.alloc(0)), proto: "ip4_other", error: "short_gre" },
  {
    name: "gre ends inside its key",
    frame: gre("2000 0800", Buffer.alloc(2)),
    proto: "ip4_other",
    error: "short_gre",
    tunnel: { type: 3, id: 0 },
  },
  { name: "gre version 1", frame: gre("2001 880b", data), proto: "ip4_other", error: "bad_gre" },
  { name: "gre with routing", frame: gre("4000 0800", data), proto: "ip4_other", error: "bad_gre" },
  {
    name: "inner Ethernet ends early",
    frame: vxlan(inner.subarray(0, 13)),
    proto: "udp4",
    error: "inner_short_l2",
    tunnel: { type: 1, id: 42 },
  },
  { name: "inner version", frame: four(bare6, 4), proto: "ip4_other", error: "inner_bad_ip_version", tunnel: { type: 4, ethProtoBe: IP4 } },
  {
    name: "inner tcp ends early",
    frame: four(ipv4({ proto: 6, payload: tcp().subarray(0, 19) }), 4),
    proto: "ip4_other",
    error: "inner_short_tcp",
    tunnel: { ...V4, ipProto: 6, sportBe: 0 },
  },
  {
    name: "inner length past the end",
    frame: gre("0000 0800", ipv4({ proto: 6, total: 2000, payload: tcp() })),
    proto: "ip4_other",
    error: "inner_bad_ip_length",
    tunnel: { ...V4, sportBe: 0 },
  },
];

export const tunnels: readonly Case[] = [...sound, ...malformed];
