import { MAX_RECORD_BYTES } from "./pcap-format.ts";
import { OptionCode, readOptions } from "./pcapng-options.ts";
import type { Format, Piece } from "./reader.ts";
import { CaptureFileError, type CaptureSink, emptyPacket } from "./sink.ts";

/** Block type of a section header; the same in both byte orders. */
export const SECTION_HEADER = 0x0a0d0d0a;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const BlockType = { interface: 1, obsoletePacket: 2, simplePacket: 3, statistics: 5, enhancedPacket: 6 } as const;

/** A section header without options. */
const SECTION_BYTES = 28;
/** Interfaces of one section; each is remembered until the section ends. */
const MAX_INTERFACES = 65_536;

type Section = { readonly little: boolean; readonly firstInterface: number; readonly interfaces: Unit[] };
/** How an interface's 64-bit timestamps count: ticks per second, and seconds to add. */
type Unit = { readonly perSecond: bigint; readonly offset: number; readonly snaplen: number };

/** pcapng: blocks of u32 type, u32 length, body, u32 length again; several sections, each in its own byte order. */
export class PcapngFormat implements Format {
  readonly name = "pcapng";
  readonly #sink: CaptureSink;
  #section: Section = { little: true, firstInterface: 0, interfaces: [] };
  #interfaceCount = 0;
  readonly #packet = emptyPacket();

  constructor(sink: CaptureSink) {
    this.#sink = sink;
  }

  take(piece: Piece, at: number): number {
    const { bytes, view } = piece;
    const file = piece.start + at;
    const left = bytes.length - at;
    if (left < 12) return 0;
    const isSection = view.getUint32(at, true) === SECTION_HEADER;
    if (isSection) this.#section = this.#newSection(view, at, file);
    const { little } = this.#section;
    const length = view.getUint32(at + 4, little);
    if (length < (isSection ? SECTION_BYTES : 12) || length % 4 !== 0 || length > MAX_RECORD_BYTES)
      throw new CaptureFileError(`a block of ${length} bytes: the file is damaged`, file);
    if (left < length) return 0;
    if (view.getUint32(at + length - 4, little) !== length)
      throw new CaptureFileError("a block's two lengths differ: the file is damaged", file);
    const body = { bytes, view, from: at + 8, to: at + length - 4, file };
    if (!isSection) this.#block(view.getUint32(at, little), body);
    else if (view.getUint16(at + 12, little) !== 1) throw new CaptureFileError("a section of an unknown version", file);
    return length;
  }

  #newSection(view: DataView, at: number, file: number): Section {
    const little = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
    if (!little && view.getUint32(at + 8, false) !== BYTE_ORDER_MAGIC)
      throw new CaptureFileError("a section without byte-order magic", file);
    return { little, firstInterface: this.#interfaceCount, interfaces: [] };
  }

  #block(type: number, body: Body): void {
    switch (type) {
      case BlockType.interface:
        return this.#interfaceBlock(body);
      case BlockType.enhancedPacket:
        return this.#enhancedPacket(body);
      case BlockType.simplePacket:
        return this.#simplePacket(body);
      case BlockType.obsoletePacket:
        return this.#obsoletePacket(body);
      case BlockType.statistics:
        return this.#statisticsBlock(body);
      default: // name resolution, decryption secrets, custom blocks: not packets
    }
  }

  #interfaceBlock(body: Body): void {
    const { view } = body;
    need(body, 8);
    const { little, interfaces } = this.#section;
    if (interfaces.length === MAX_INTERFACES) throw new CaptureFileError(`more than ${MAX_INTERFACES} interfaces`, body.file);
    const options = readOptions(view, body.from + 8, body.to, little);
    const resolution = options.bytes(OptionCode.timestampResolution)?.[0] ?? 6;
    const perSecond = resolution & 0x80 ? 1n << BigInt(resolution & 0x7f) : 10n ** BigInt(resolution);
    const snaplen = view.getUint32(body.from + 4, little);
    interfaces.push({ perSecond, offset: Number(options.i64(OptionCode.timestampOffset) ?? 0n), snaplen });
    this.#sink.interface(this.#interfaceCount++, {
      linkType: view.getUint16(body.from, little),
      snaplen,
      name: options.text(OptionCode.interfaceName),
      description: options.text(OptionCode.interfaceDescription),
    });
  }

  #enhancedPacket(body: Body): void {
    const { view } = body;
    need(body, 20);
    const { little } = this.#section;
    const capLen = view.getUint32(body.from + 12, little);
    need(body, 20 + capLen);
    const padded = (capLen + 3) & ~3; // small enough for 32-bit arithmetic: it lies inside the block
    const options = body.to - body.from > 20 + padded ? readOptions(view, body.from + 20 + padded, body.to, little) : null;
    this.#deliver(body, {
      index: view.getUint32(body.from, little),
      ticks: (BigInt(view.getUint32(body.from + 4, little)) << 32n) | BigInt(view.getUint32(body.from + 8, little)),
      capLen,
      wireLen: view.getUint32(body.from + 16, little),
      offset: body.from + 20,
      comment: options?.text(OptionCode.comment) ?? null,
    });
  }

  #obsoletePacket(body: Body): void {
    const { view } = body;
    need(body, 20);
    const { little } = this.#section;
    const capLen = view.getUint32(body.from + 12, little);
    need(body, 20 + capLen);
    this.#deliver(body, {
      index: view.getUint16(body.from, little),
      ticks: (BigInt(view.getUint32(body.from + 4, little)) << 32n) | BigInt(view.getUint32(body.from + 8, little)),
      capLen,
      wireLen: view.getUint32(body.from + 16, little),
      offset: body.from + 20,
      comment: null,
    });
  }

  /** A simple packet has no time and belongs to the section's first interface. */
  #simplePacket(body: Body): void {
    const { view } = body;
    need(body, 4);
    const wireLen = view.getUint32(body.from, this.#section.little);
    const snaplen = this.#section.interfaces[0]?.snaplen ?? 0;
    const capLen = Math.min(wireLen, snaplen === 0 ? wireLen : snaplen, body.to - body.from - 4);
    this.#deliver(body, { index: 0, ticks: 0n, capLen, wireLen, offset: body.from + 4, comment: null });
  }

  #deliver({ bytes, file }: Body, found: Found): void {
    const unit = this.#section.interfaces[found.index];
    if (!unit) throw new CaptureFileError(`a packet of interface ${found.index}, which was not described`, file);
    const packet = this.#packet;
    packet.interfaceId = this.#section.firstInterface + found.index;
    packet.seconds = Number(found.ticks / unit.perSecond) + unit.offset;
    packet.nanoseconds = Number(((found.ticks % unit.perSecond) * 1_000_000_000n) / unit.perSecond);
    packet.capLen = found.capLen;
    packet.wireLen = found.wireLen;
    packet.bytes = bytes;
    packet.offset = found.offset;
    packet.comment = found.comment;
    this.#sink.packet(packet);
  }

  #statisticsBlock(body: Body): void {
    const { view } = body;
    need(body, 12);
    const { little, firstInterface } = this.#section;
    const options = readOptions(view, body.from + 12, body.to, little);
    this.#sink.statistics?.(firstInterface + view.getUint32(body.from, little), {
      received: options.u64(OptionCode.received),
      dropped: options.u64(OptionCode.dropped),
    });
  }
}

/** bytes[from … to) are the block's body; `file` is where the block starts in the file. */
type Body = { readonly bytes: Uint8Array; readonly view: DataView; readonly from: number; readonly to: number; readonly file: number };
type Found = { index: number; ticks: bigint; capLen: number; wireLen: number; offset: number; comment: string | null };

function need(body: Body, bytes: number): void {
  if (body.to - body.from < bytes) throw new CaptureFileError("a block is shorter than its content", body.file);
}
