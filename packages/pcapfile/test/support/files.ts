/** Capture files made by hand, in either byte order, and what a reader finds in a file. */
import {
  type CaptureInterface,
  CaptureReader,
  type CaptureSection,
  type CaptureStatistics,
  type CapturedPacket,
  type PacketDirection,
  interfaceBlock,
  packetBlock,
  packetOptions,
  sectionHeader,
  statisticsBlock,
} from "../../src/index.ts";

export type Packet = {
  readonly interfaceId: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly wireLen: number;
  readonly bytes: Uint8Array;
  readonly comments: readonly string[];
  readonly direction: PacketDirection | null;
};
export type Found = {
  readonly sections: CaptureSection[];
  readonly interfaces: (CaptureInterface & { id: number })[];
  readonly packets: Packet[];
  readonly statistics: (CaptureStatistics & { id: number })[];
};

/** Reads a whole file in chunks whose sizes `next` gives; every chunk is overwritten after it was taken. Packets are told of as they come. */
export function readAll(file: Uint8Array, next: () => number = () => file.length || 1, tell?: (packet: Packet) => void): Found {
  const found: Found = { sections: [], interfaces: [], packets: [], statistics: [] };
  const reader = new CaptureReader({
    interface: (id, about) => found.interfaces.push({ id, ...about }),
    packet: (packet) => {
      const one = copied(packet);
      found.packets.push(one);
      tell?.(one);
    },
    section: (section) => found.sections.push(section),
    statistics: (id, statistics) => found.statistics.push({ id, ...statistics }),
  });
  for (let at = 0; at < file.length;) {
    const chunk = new Uint8Array(file.subarray(at, at + next()));
    at += chunk.length;
    reader.push(chunk);
    chunk.fill(0xee);
  }
  reader.end();
  return found;
}

function copied(packet: Readonly<CapturedPacket>): Packet {
  const { interfaceId, seconds, nanoseconds, wireLen, bytes, offset, capLen } = packet;
  return { interfaceId, seconds, nanoseconds, wireLen, bytes: bytes.slice(offset, offset + capLen), ...packetOptions(packet) };
}

type PcapOptions = { little?: boolean; times?: "microseconds" | "nanoseconds"; minor?: number; linkType?: number };

/** A classic pcap file. `minor` below 3 has the two lengths the other way round. */
export function pcap(packets: readonly Packet[], options: PcapOptions = {}): Uint8Array {
  const { little = true, times = "microseconds", minor = 4, linkType = 1 } = options;
  const file = new Uint8Array(24 + packets.reduce((sum, { bytes }) => sum + 16 + bytes.length, 0));
  const view = new DataView(file.buffer);
  view.setUint32(0, times === "nanoseconds" ? 0xa1b23c4d : 0xa1b2c3d4, little);
  view.setUint16(4, 2, little);
  view.setUint16(6, minor, little);
  view.setUint32(16, 262_144, little);
  view.setUint32(20, linkType, little);
  let at = 24;
  for (const { seconds, nanoseconds, wireLen, bytes } of packets) {
    view.setUint32(at, seconds, little);
    view.setUint32(at + 4, times === "nanoseconds" ? nanoseconds : Math.floor(nanoseconds / 1000), little);
    view.setUint32(at + 8, minor < 3 ? wireLen : bytes.length, little);
    view.setUint32(at + 12, minor < 3 ? bytes.length : wireLen, little);
    file.set(bytes, at + 16);
    at += 16 + bytes.length;
  }
  return file;
}

/** One pcapng section with one interface of `resolution` (if_tsresol), big-endian. */
export function bigEndianSection(packets: readonly Packet[], resolution: number, perSecond: bigint): Uint8Array {
  const block = (type: number, body: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(12 + body.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, type);
    view.setUint32(4, bytes.length);
    bytes.set(body, 8);
    view.setUint32(bytes.length - 4, bytes.length);
    return bytes;
  };
  const section = Uint8Array.of(0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255);
  const about = Uint8Array.of(0, 1, 0, 0, 0, 4, 0, 0, 0, 9, 0, 1, resolution, 0, 0, 0, 0, 0, 0, 0);
  const bodies = packets.map(({ seconds, nanoseconds, wireLen, bytes }) => {
    const body = new Uint8Array(20 + ((bytes.length + 3) & ~3));
    const view = new DataView(body.buffer);
    const ticks = BigInt(seconds) * perSecond + (BigInt(nanoseconds) * perSecond) / 1_000_000_000n;
    view.setBigUint64(4, ticks);
    view.setUint32(12, bytes.length);
    view.setUint32(16, wireLen);
    body.set(bytes, 20);
    return body;
  });
  return Buffer.concat([block(0x0a0d0d0a, section), block(1, about), ...bodies.map((body) => block(6, body))]);
}

/** What pcapng() says of its interface and its section. */
export const someInterface = {
  linkType: 1,
  snaplen: 262_144,
  name: "host1/eth0",
  description: "uplink",
  filter: "tcp port 443",
  hardware: "virtio",
  os: "Linux 6.18",
  speed: 10_000_000_000n,
  comments: ["clock +3 ms", "1 in 4"],
} as const;
export const someSection = { application: "sonde", os: "Linux", hardware: "x86_64", comments: ["ünïcode"] } as const;
export const someStatistics = {
  startNs: 1_700_000_000_000_000_001n,
  endNs: 1_700_000_060_000_000_002n,
  received: 1n << 40n,
  dropped: 3n,
  filterAccepted: 1000n,
  osDropped: 2n,
  comments: ["lost in the agent's queue: 3"],
} as const;

/** A pcapng file by our own writer: one interface, the packets, closing statistics. */
export function pcapng(packets: readonly Packet[]): Uint8Array {
  return Buffer.concat([
    sectionHeader(someSection),
    interfaceBlock(someInterface),
    ...packets.map(({ seconds, nanoseconds, ...rest }) =>
      packetBlock({ tsNs: BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds), ...rest }),
    ),
    statisticsBlock({ interfaceId: 0, ...someStatistics }),
  ]);
}

/** Packets of growing length, some cut short, some with comments and a direction. */
export function somePackets(count: number): Packet[] {
  return Array.from({ length: count }, (_, i) => ({
    interfaceId: 0,
    seconds: 1_700_000_000 + i,
    nanoseconds: (i * 123_456_789) % 1_000_000_000,
    wireLen: 60 + i * 7 + (i % 3 === 0 ? 100 : 0),
    bytes: new Uint8Array(60 + i * 7).map((_byte, at) => (at * 31 + i) & 0xff),
    comments: i % 5 === 0 ? [`packet ${i}`, "second, ünïcode"].slice(0, 1 + (i % 2)) : [],
    direction: i % 4 === 0 ? null : i % 2 === 0 ? "in" : "out",
  }));
}
