import { MAX_RECORD_BYTES } from "./pcap-format.ts";
import { Clock } from "./pcapng-clock.ts";
import { OptionCode, Options } from "./pcapng-options.ts";
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
/** if_tsresol where an interface does not say: microseconds. */
const DEFAULT_RESOLUTION = 6;
const utf8 = new TextDecoder();

type Section = { readonly little: boolean; readonly firstInterface: number; readonly interfaces: Known[] };
type Known = { readonly clock: Clock; readonly snaplen: number };

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
    this.#body.bytes = bytes;
    this.#body.view = view;
    this.#body.from = at + 8;
    this.#body.to = at + length - 4;
    this.#body.file = file;
    if (isSection) this.#sectionHeader(this.#body);
    else this.#block(view.getUint32(at, little), this.#body);
    return length;
  }

  /** The block that is being read; one object for all. */
  readonly #body: { -readonly [K in keyof Body]: Body[K] } = {
    bytes: this.#packet.bytes,
    view: new DataView(new ArrayBuffer(0)),
    from: 0,
    to: 0,
    file: 0,
  };

  #newSection(view: DataView, at: number, file: number): Section {
    const little = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
    if (!little && view.getUint32(at + 8, false) !== BYTE_ORDER_MAGIC)
      throw new CaptureFileError("a section without byte-order magic", file);
    return { little, firstInterface: this.#interfaceCount, interfaces: [] };
  }

  #sectionHeader(body: Body): void {
    if (body.view.getUint16(body.from + 4, this.#section.little) !== 1)
      throw new CaptureFileError("a section of an unknown version", body.file);
    const options = this.#options(body, 16);
    this.#sink.section?.({
      hardware: options.text(OptionCode.sectionHardware),
      os: options.text(OptionCode.sectionOs),
      application: options.text(OptionCode.application),
      comments: options.comments(),
    });
  }

  #block(type: number, body: Body): void {
    switch (type) {
      case BlockType.interface:
        return this.#interfaceBlock(body);
      case BlockType.enhancedPacket:
        return this.#timedPacket(body, body.view.getUint32(need(body, 20).from, this.#section.little));
      case BlockType.obsoletePacket: // the second half of the first word counts drops
        return this.#timedPacket(body, body.view.getUint16(need(body, 20).from, this.#section.little));
      case BlockType.simplePacket:
        return this.#simplePacket(body);
      case BlockType.statistics:
        return this.#statisticsBlock(body);
      default: // name resolution, decryption secrets, custom blocks: not packets
    }
  }

  #interfaceBlock(body: Body): void {
    const { view } = need(body, 8);
    const { little, interfaces } = this.#section;
    if (interfaces.length === MAX_INTERFACES) throw new CaptureFileError(`more than ${MAX_INTERFACES} interfaces`, body.file);
    const options = this.#options(body, 8);
    const resolution = options.bytes(OptionCode.timestampResolution)?.[0] ?? DEFAULT_RESOLUTION;
    const snaplen = view.getUint32(body.from + 4, little);
    interfaces.push({ clock: new Clock(resolution, options.i64(OptionCode.timestampOffset) ?? 0n), snaplen });
    this.#sink.interface(this.#interfaceCount++, {
      linkType: view.getUint16(body.from, little),
      snaplen,
      name: options.text(OptionCode.interfaceName),
      description: options.text(OptionCode.interfaceDescription),
      filter: filterText(options.bytes(OptionCode.interfaceFilter)),
      hardware: options.text(OptionCode.interfaceHardware),
      os: options.text(OptionCode.interfaceOs),
      speed: options.u64(OptionCode.interfaceSpeed),
      comments: options.comments(),
    });
  }

  /** Enhanced and obsolete packet blocks differ in their first word only. */
  #timedPacket(body: Body, index: number): void {
    const { view } = body;
    const { little } = this.#section;
    const capLen = view.getUint32(body.from + 12, little);
    need(body, 20 + capLen);
    const packet = this.#packet;
    this.#interfaceOf(index, body).clock.read(view.getUint32(body.from + 4, little), view.getUint32(body.from + 8, little), packet);
    packet.wireLen = view.getUint32(body.from + 16, little);
    packet.offset = body.from + 20;
    packet.optionsFrom = Math.min(body.to, packet.offset + ((capLen + 3) & ~3)); // 32 bits do: it lies inside the block
    this.#deliver(body, index, capLen);
  }

  /** A simple packet has no time and belongs to the section's first interface. */
  #simplePacket(body: Body): void {
    const { view } = need(body, 4);
    const { snaplen } = this.#interfaceOf(0, body);
    const packet = this.#packet;
    packet.seconds = 0;
    packet.nanoseconds = 0;
    packet.wireLen = view.getUint32(body.from, this.#section.little);
    packet.offset = body.from + 4;
    packet.optionsFrom = body.to;
    this.#deliver(body, 0, Math.min(packet.wireLen, snaplen === 0 ? packet.wireLen : snaplen, body.to - packet.offset));
  }

  #deliver({ bytes, to }: Body, index: number, capLen: number): void {
    const packet = this.#packet;
    packet.interfaceId = this.#section.firstInterface + index;
    packet.capLen = capLen;
    packet.bytes = bytes;
    packet.optionsTo = to;
    packet.littleEndian = this.#section.little;
    this.#sink.packet(packet);
  }

  #statisticsBlock(body: Body): void {
    const { view } = need(body, 12);
    const index = view.getUint32(body.from, this.#section.little);
    const { clock } = this.#interfaceOf(index, body);
    const options = this.#options(body, 12);
    const time = (code: number): bigint | null => {
      const ticks = options.ticks(code);
      return ticks === null ? null : clock.nanoseconds(ticks);
    };
    this.#sink.statistics?.(this.#section.firstInterface + index, {
      startNs: time(OptionCode.startTime),
      endNs: time(OptionCode.endTime),
      received: options.u64(OptionCode.received),
      dropped: options.u64(OptionCode.dropped),
      filterAccepted: options.u64(OptionCode.filterAccepted),
      osDropped: options.u64(OptionCode.osDropped),
      comments: options.comments(),
    });
  }

  #interfaceOf(index: number, body: Body): Known {
    const known = this.#section.interfaces[index];
    if (!known) throw new CaptureFileError(`a packet of interface ${index}, which was not described`, body.file);
    return known;
  }

  /** Those behind so many bytes of a block. */
  #options(body: Body, fixed: number): Options {
    return new Options({ view: body.view, from: body.from + fixed, to: body.to, little: this.#section.little });
  }
}

/** bytes[from … to) are the block's body; `file` is where the block starts in the file. */
type Body = { readonly bytes: Uint8Array; readonly view: DataView; readonly from: number; readonly to: number; readonly file: number };

function need(body: Body, bytes: number): Body {
  if (body.to - body.from < bytes) throw new CaptureFileError("a block is shorter than its content", body.file);
  return body;
}

/** The first byte says what follows: 0 text, 1 a program. */
function filterText(option: Uint8Array | null): string | null {
  return option !== null && option[0] === 0 ? utf8.decode(option.subarray(1)) : null;
}
