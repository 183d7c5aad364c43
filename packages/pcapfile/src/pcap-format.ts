import type { Format, Piece } from "./reader.ts";
import { CaptureFileError, type CaptureSink, emptyPacket } from "./sink.ts";

const MICROSECONDS = 0xa1b2c3d4;
/** Magic number of a file whose times have nanoseconds. */
export const PCAP_NANOSECONDS = 0xa1b23c4d;
/** Kuznetzov's variant of old Red Hat kernels: eight more bytes in each record header. */
const KUZNETZOV = 0xa1b2cd34;
const swapped = (value: number): number =>
  (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
const magics = new Set([MICROSECONDS, PCAP_NANOSECONDS, KUZNETZOV]);

/** `magic` is the file's first four bytes read little-endian. */
export const isPcapMagic = (magic: number): boolean => magics.has(magic) || magics.has(swapped(magic));

export const PCAP_HEADER_BYTES = 24;

const unsaid = { name: null, description: null, filter: null, hardware: null, os: null, speed: null, comments: [] };

/** Largest record accepted: no writer makes larger ones, and a damaged length must not fill the memory. */
export const MAX_RECORD_BYTES = 16 << 20;

/** The classic format: a header of 24 bytes, then records of 16 (or 24) bytes and the packet. */
export class PcapFormat implements Format {
  readonly name = "pcap";
  readonly #sink: CaptureSink;
  #header: Header | null = null;
  readonly #packet = emptyPacket();

  constructor(sink: CaptureSink) {
    this.#sink = sink;
  }

  take(piece: Piece, at: number): number {
    return this.#header ? this.#takeRecord(piece, at, this.#header) : this.#takeHeader(piece.view, at);
  }

  #takeHeader(view: DataView, at: number): number {
    if (view.byteLength - at < PCAP_HEADER_BYTES) return 0;
    const raw = view.getUint32(at, true);
    const little = magics.has(raw);
    const magic = little ? raw : swapped(raw);
    const major = view.getUint16(at + 4, little);
    if (major !== 2) throw new CaptureFileError(`pcap version ${major} is not known`, at + 4);
    const minor = view.getUint16(at + 6, little);
    const lengths = minor < 3 ? "swapped" : minor === 3 ? "perhaps swapped" : "in order";
    const snaplen = view.getUint32(at + 16, little);
    this.#header = {
      little,
      unit: magic === PCAP_NANOSECONDS ? 1 : 1000,
      recordHeader: magic === KUZNETZOV ? 24 : 16,
      lengths,
      limit: snaplen === 0 ? MAX_RECORD_BYTES : snaplen,
    };
    // The upper bits hold the FCS length and flags.
    const linkType = view.getUint32(at + 20, little) & 0xffff;
    this.#sink.interface(0, { ...unsaid, linkType, snaplen });
    return PCAP_HEADER_BYTES;
  }

  #takeRecord({ bytes, view, start }: Piece, at: number, header: Header): number {
    const left = bytes.length - at;
    if (left < header.recordHeader) return 0;
    const first = view.getUint32(at + 8, header.little);
    const second = view.getUint32(at + 12, header.little);
    const swap = header.lengths === "swapped" || (header.lengths === "perhaps swapped" && first > second);
    const capLen = swap ? second : first;
    if (capLen > MAX_RECORD_BYTES) throw new CaptureFileError(`a packet of ${capLen} bytes: the file is damaged`, start + at);
    if (left < header.recordHeader + capLen) return 0;
    const fraction = view.getUint32(at + 4, header.little) * header.unit;
    const packet = this.#packet;
    packet.capLen = Math.min(capLen, header.limit);
    packet.wireLen = swap ? first : second;
    packet.seconds = view.getUint32(at, header.little) + Math.floor(fraction / 1e9);
    packet.nanoseconds = fraction % 1e9;
    packet.bytes = bytes;
    packet.offset = at + header.recordHeader;
    this.#sink.packet(packet);
    return header.recordHeader + capLen;
  }
}

/**
 * `unit` is the nanoseconds of one count of the fraction. Writers before version 2.4 put the two
 * lengths the other way round, of 2.3 only some did; bytes past the snapshot length are no part of the
 * packet (both as libpcap's sf-pcap.c).
 */
type Header = {
  readonly little: boolean;
  readonly unit: number;
  readonly recordHeader: number;
  readonly limit: number;
  readonly lengths: "in order" | "swapped" | "perhaps swapped";
};
