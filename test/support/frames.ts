/**
 * Ethernet frames of an exactly known mix, with correct lengths and checksums, and the pcap file that
 * tcpreplay sends them from. Addresses are from the documentation ranges (RFC 5737, RFC 3849).
 */

const macA = "020000000001";
const macB = "020000000002";
const ip4A = "c0000201"; // 192.0.2.1
const ip4B = "c6336402"; // 198.51.100.2
const ip6A = "20010db8000000000000000000000001";
const ip6B = "20010db8000000000000000000000002";

const hex = (text: string): Buffer => Buffer.from(text, "hex");
const be16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);

/** RFC 1071 checksum over `bytes`. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function withChecksum(segment: Buffer, at: number, pseudo: Buffer): Buffer {
  const sum = checksum(Buffer.concat([pseudo, segment]));
  segment.writeUInt16BE(sum, at);
  return segment;
}

type Network = (protocol: number, segment: Buffer) => Buffer;

function ipv4(protocol: number, segment: Buffer): Buffer {
  const header = Buffer.concat([
    hex("4500"),
    be16(20 + segment.length),
    hex("0001400040"),
    Buffer.from([protocol]),
    hex(`0000${ip4A}${ip4B}`),
  ]);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([hex("0800"), header, segment]);
}

function ipv6(protocol: number, segment: Buffer): Buffer {
  return Buffer.concat([hex("86dd60000000"), be16(segment.length), Buffer.from([protocol, 64]), hex(ip6A + ip6B), segment]);
}

const pseudo4 = (protocol: number, length: number): Buffer =>
  Buffer.concat([hex(`${ip4A}${ip4B}00`), Buffer.from([protocol]), be16(length)]);
const pseudo6 = (protocol: number, length: number): Buffer =>
  Buffer.concat([hex(`${ip6A}${ip6B}0000`), be16(length), hex("000000"), Buffer.from([protocol])]);
const pseudoOf = (network: Network, protocol: number, length: number): Buffer =>
  network === ipv4 ? pseudo4(protocol, length) : pseudo6(protocol, length);

function tcpSyn(network: Network, sport: number, dport: number): Buffer {
  const segment = Buffer.concat([be16(sport), be16(dport), hex("00000001000000005002ffff00000000")]);
  return network(6, withChecksum(segment, 16, pseudoOf(network, 6, segment.length)));
}

function udp(network: Network, sport: number, dport: number, bytes: number): Buffer {
  const segment = Buffer.concat([be16(sport), be16(dport), be16(8 + bytes), be16(0), Buffer.alloc(bytes, 0x61)]);
  return network(17, withChecksum(segment, 6, pseudoOf(network, 17, segment.length)));
}

function echoRequest(network: Network, id: number): Buffer {
  const v4 = network === ipv4;
  const segment = Buffer.concat([hex(v4 ? "08000000" : "80000000"), be16(id), be16(1), Buffer.alloc(32, 0x62)]);
  return network(v4 ? 1 : 58, withChecksum(segment, 2, v4 ? Buffer.alloc(0) : pseudo6(58, segment.length)));
}

/** Puts a MAC header, and the tag when `vlan` is given, before EtherType + payload; pads to 60 bytes. */
function ethernet(payload: Buffer, vlan?: number): Buffer {
  const tag = vlan === undefined ? Buffer.alloc(0) : Buffer.concat([hex("8100"), be16(vlan)]);
  const frame = Buffer.concat([hex(macB + macA), tag, payload]);
  return frame.length >= 60 ? frame : Buffer.concat([frame, Buffer.alloc(60 - frame.length)]);
}

export type MixPart = { readonly proto: string; readonly frames: readonly Buffer[] };

/** The mix: per protocol class of the counters, its frames. `round` moves the source ports. */
export function knownMix(round: number): readonly MixPart[] {
  const base = 40_000 + round * 1_000;
  const many = (count: number, make: (i: number) => Buffer): Buffer[] => Array.from({ length: count }, (_, i) => make(i));
  return [
    { proto: "tcp4", frames: many(17, (i) => ethernet(tcpSyn(ipv4, base + i, 443))) },
    { proto: "tcp6", frames: many(13, (i) => ethernet(tcpSyn(ipv6, base + i, 443))) },
    {
      proto: "udp4",
      frames: [
        ...many(11, (i) => ethernet(udp(ipv4, base + i, 53, 100 + i))),
        ...many(5, (i) => ethernet(udp(ipv4, base + 100 + i, 53, 200), 100)),
      ],
    },
    { proto: "udp6", frames: many(7, (i) => ethernet(udp(ipv6, base + i, 53, 300))) },
    { proto: "icmp4", frames: many(6, () => ethernet(echoRequest(ipv4, base))) },
    { proto: "icmp6", frames: many(4, () => ethernet(echoRequest(ipv6, base))) },
  ];
}

export const framesOf = (mix: readonly MixPart[]): Buffer[] => mix.flatMap((part) => part.frames);
export const bytesOf = (frames: readonly Buffer[]): number => frames.reduce((sum, frame) => sum + frame.length, 0);

/** A pcap file (magic a1b2c3d4, microseconds, Ethernet) of `frames`, one a microsecond. */
export function pcapFile(frames: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20);
  const records = frames.map((frame, i) => {
    const head = Buffer.alloc(16);
    head.writeUInt32LE(1, 0);
    head.writeUInt32LE(i, 4);
    head.writeUInt32LE(frame.length, 8);
    head.writeUInt32LE(frame.length, 12);
    return Buffer.concat([head, frame]);
  });
  return Buffer.concat([header, ...records]);
}
