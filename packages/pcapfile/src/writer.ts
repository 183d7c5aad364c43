import { PCAP_HEADER_BYTES, PCAP_NANOSECONDS } from "./pcap-format.ts";
import { BYTE_ORDER_MAGIC, BlockType, SECTION_HEADER } from "./pcapng-format.ts";
import { OptionCode } from "./pcapng-options.ts";
import { type PacketDirection, directions } from "./sink.ts";

/** if_tsresol of the interfaces written: 10⁻⁹ s. */
const NANOSECONDS = 9;

type Option = readonly [code: number, value: Uint8Array];

const utf8 = new TextEncoder();
/** Option lengths are 16 bits; longer text is cut at a whole character. */
const text = (value: string): Uint8Array => {
  const buffer = new Uint8Array(Math.min(value.length * 3, 65_535));
  return buffer.subarray(0, utf8.encodeInto(value, buffer).written);
};

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

/** A timestamp in an option: two 32-bit words, the higher first (not one little-endian u64). */
function timestamp(ns: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Number(ns >> 32n), true);
  view.setUint32(4, Number(ns & 0xffffffffn), true);
  return bytes;
}

const optionsLength = (options: readonly Option[]): number =>
  options.length === 0 ? 0 : options.reduce((sum, [, value]) => sum + 4 + ((value.length + 3) & ~3), 4);

function writeOptions(view: DataView, from: number, options: readonly Option[]): void {
  let at = from;
  for (const [code, value] of options) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, value.length, true);
    new Uint8Array(view.buffer, view.byteOffset).set(value, at + 4);
    at += 4 + ((value.length + 3) & ~3);
  }
}

/** A whole block: `fixed` bytes written by `fill` (offsets from 0 in the body), then the options. */
function block(type: number, fixed: number, options: readonly Option[], fill: (view: DataView) => void): Uint8Array {
  const length = 12 + fixed + optionsLength(options);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  fill(new DataView(bytes.buffer, 8, fixed));
  writeOptions(view, 8 + fixed, options);
  view.setUint32(length - 4, length, true);
  return bytes;
}

/** Text of options that may stand there more than once, and of those that may be missing. */
const comments = (values: readonly string[] = []): Option[] => values.map((value) => [OptionCode.comment, text(value)]);
const named = (code: number, value: string | undefined): Option[] => (value === undefined ? [] : [[code, text(value)]]);
const counted = (code: number, value: bigint | undefined): Option[] => (value === undefined ? [] : [[code, u64(value)]]);

/** Section header, to open a file with. */
export function sectionHeader(section: { application: string; hardware?: string; os?: string; comments?: readonly string[] }): Uint8Array {
  const options: Option[] = [
    ...comments(section.comments),
    ...named(OptionCode.sectionHardware, section.hardware),
    ...named(OptionCode.sectionOs, section.os),
    ...named(OptionCode.application, section.application),
  ];
  return block(SECTION_HEADER, 16, options, (view) => {
    view.setUint32(0, BYTE_ORDER_MAGIC, true);
    view.setUint16(4, 1, true);
    view.setBigInt64(8, -1n, true); // length unknown: the file grows
  });
}

/**
 * Interface description; timestamps of its packets are nanoseconds. Interfaces number from 0 in file order.
 * `filter` is in libpcap's language, `speed` bits per second.
 */
export function interfaceBlock(about: {
  linkType: number;
  snaplen: number;
  name: string;
  description?: string;
  filter?: string;
  hardware?: string;
  os?: string;
  speed?: bigint;
  comments?: readonly string[];
}): Uint8Array {
  const options: Option[] = [
    ...comments(about.comments),
    ...named(OptionCode.interfaceName, about.name),
    ...named(OptionCode.interfaceDescription, about.description),
    ...counted(OptionCode.interfaceSpeed, about.speed),
    [OptionCode.timestampResolution, Uint8Array.of(NANOSECONDS)],
    // The filter's first byte says that it is text in libpcap's language.
    ...named(OptionCode.interfaceFilter, about.filter === undefined ? undefined : `\0${about.filter}`),
    ...named(OptionCode.interfaceOs, about.os),
    ...named(OptionCode.interfaceHardware, about.hardware),
  ];
  return block(BlockType.interface, 8, options, (view) => {
    view.setUint16(0, about.linkType, true);
    view.setUint32(4, about.snaplen, true);
  });
}

/** Enhanced packet; `bytes` are the captured ones, `tsNs` nanoseconds since 1970 UTC. */
export function packetBlock(packet: {
  interfaceId: number;
  tsNs: bigint;
  wireLen: number;
  bytes: Uint8Array;
  direction?: PacketDirection | null;
  comments?: readonly string[];
}): Uint8Array {
  const { bytes, direction } = packet;
  const padded = (bytes.length + 3) & ~3;
  const options = comments(packet.comments);
  if (direction) options.push([OptionCode.packetFlags, u32(directions.indexOf(direction))]);
  return block(BlockType.enhancedPacket, 20 + padded, options, (view) => {
    view.setUint32(0, packet.interfaceId, true);
    view.setUint32(4, Number(packet.tsNs >> 32n), true);
    view.setUint32(8, Number(packet.tsNs & 0xffffffffn), true);
    view.setUint32(12, bytes.length, true);
    view.setUint32(16, packet.wireLen, true);
    new Uint8Array(view.buffer, view.byteOffset).set(bytes, 20);
  });
}

/**
 * Interface statistics, to close an interface with. Between two times, ns since 1970 UTC: `received` by the interface,
 * `dropped` for want of room, `filterAccepted` by the filter, `osDropped` by the system.
 */
export function statisticsBlock(statistics: {
  interfaceId: number;
  startNs: bigint;
  endNs: bigint;
  received?: bigint;
  dropped?: bigint;
  filterAccepted?: bigint;
  osDropped?: bigint;
  comments?: readonly string[];
}): Uint8Array {
  const options: Option[] = [
    ...comments(statistics.comments),
    [OptionCode.startTime, timestamp(statistics.startNs)],
    [OptionCode.endTime, timestamp(statistics.endNs)],
    ...counted(OptionCode.received, statistics.received),
    ...counted(OptionCode.dropped, statistics.dropped),
    ...counted(OptionCode.filterAccepted, statistics.filterAccepted),
    ...counted(OptionCode.osDropped, statistics.osDropped),
  ];
  return block(BlockType.statistics, 12, options, (view) => {
    view.setUint32(0, statistics.interfaceId, true);
    view.setUint32(4, Number(statistics.endNs >> 32n), true);
    view.setUint32(8, Number(statistics.endNs & 0xffffffffn), true);
  });
}

/** Header of a classic pcap file, little-endian, whose times have nanoseconds. One link type for all packets. */
export function pcapHeader(about: { linkType: number; snaplen: number }): Uint8Array {
  const bytes = new Uint8Array(PCAP_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, PCAP_NANOSECONDS, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, about.snaplen, true);
  view.setUint32(20, about.linkType, true);
  return bytes;
}

/** One packet of a classic pcap file; `seconds` since 1970 UTC, up to the year 2106. */
export function pcapRecord(packet: { seconds: number; nanoseconds: number; wireLen: number; bytes: Uint8Array }): Uint8Array {
  const bytes = new Uint8Array(16 + packet.bytes.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, packet.seconds, true);
  view.setUint32(4, packet.nanoseconds, true);
  view.setUint32(8, packet.bytes.length, true);
  view.setUint32(12, packet.wireLen, true);
  bytes.set(packet.bytes, 16);
  return bytes;
}
