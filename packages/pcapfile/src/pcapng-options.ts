/** Option codes used here; the same number means different things in different blocks. */
export const OptionCode = {
  end: 0,
  comment: 1,
  sectionHardware: 2,
  sectionOs: 3,
  application: 4,
  interfaceName: 2,
  interfaceDescription: 3,
  interfaceSpeed: 8,
  timestampResolution: 9,
  interfaceFilter: 11,
  interfaceOs: 12,
  timestampOffset: 14,
  interfaceHardware: 15,
  packetFlags: 2,
  startTime: 2,
  endTime: 3,
  received: 4,
  dropped: 5,
  filterAccepted: 6,
  osDropped: 7,
} as const;

/** Most comments read of one block; a block of 16 MiB could hold millions. */
const MAX_COMMENTS = 1000;

/** Where options lie: view[from … to), in the byte order of their section. */
export type OptionRange = { readonly view: DataView; readonly from: number; readonly to: number; readonly little: boolean };

const utf8 = new TextDecoder();

/** The options of a block (u16 code, u16 length, value padded to 4), read anew for each question. One that is cut off is none. */
export class Options {
  readonly #range: OptionRange;

  constructor(range: OptionRange) {
    this.#range = range;
  }

  /** The value of the first option of this code; shares the block's memory. */
  bytes(code: number): Uint8Array | null {
    for (const value of this.#values(code)) return value;
    return null;
  }

  text(code: number): string | null {
    const value = this.bytes(code);
    return value ? utf8.decode(value) : null;
  }

  /** All comments, at most 1,000 of them. */
  comments(): readonly string[] {
    const found: string[] = [];
    for (const value of this.#values(OptionCode.comment)) {
      if (found.length === MAX_COMMENTS) break;
      found.push(utf8.decode(value));
    }
    return found;
  }

  u32(code: number): number | null {
    const place = this.#exactly(code, 4);
    return place ? place.getUint32(0, this.#range.little) : null;
  }

  u64(code: number): bigint | null {
    const place = this.#exactly(code, 8);
    return place ? place.getBigUint64(0, this.#range.little) : null;
  }

  i64(code: number): bigint | null {
    const place = this.#exactly(code, 8);
    return place ? place.getBigInt64(0, this.#range.little) : null;
  }

  /** A time in ticks: two 32-bit words, the higher first in either byte order. */
  ticks(code: number): bigint | null {
    const place = this.#exactly(code, 8);
    if (!place) return null;
    const { little } = this.#range;
    return (BigInt(place.getUint32(0, little)) << 32n) | BigInt(place.getUint32(4, little));
  }

  #exactly(code: number, length: number): DataView | null {
    const value = this.bytes(code);
    return value && value.length === length ? new DataView(value.buffer, value.byteOffset, length) : null;
  }

  *#values(wanted: number): Generator<Uint8Array> {
    const { view, from, to, little } = this.#range;
    let at = from;
    while (at + 4 <= to) {
      const code = view.getUint16(at, little);
      const length = view.getUint16(at + 2, little);
      if (code === OptionCode.end || at + 4 + length > to) return;
      if (code === wanted) yield new Uint8Array(view.buffer, view.byteOffset + at + 4, length);
      at += 4 + ((length + 3) & ~3);
    }
  }
}
