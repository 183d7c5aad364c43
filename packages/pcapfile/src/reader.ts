import { PcapFormat, isPcapMagic } from "./pcap-format.ts";
import { PcapngFormat, SECTION_HEADER } from "./pcapng-format.ts";
import { CaptureFileError, type CaptureSink } from "./sink.ts";

/** A stretch of the file: its bytes, a view of the same bytes, and where in the file they start. */
export type Piece = { readonly bytes: Uint8Array; readonly view: DataView; readonly start: number };

/** Takes one whole record or block at `at` of a piece; returns the bytes taken, 0 when it needs more. */
export interface Format {
  /** Name of the format, for messages. */
  readonly name: "pcap" | "pcapng";
  take(piece: Piece, at: number): number;
}

const nothing = new Uint8Array(0);
/** So much of a chunk is first put behind what is held of the one before. */
const JOIN_BYTES = 2048;

/**
 * Reads pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng), both byte orders, µs and
 * ns, in chunks as they come. Memory is bounded by twice the largest record accepted, 16 MiB, and a chunk.
 */
export class CaptureReader {
  readonly #sink: CaptureSink;
  #format: Format | null = null;
  /** Start of a record whose end has not come: #store[0 … #held). */
  #store: Uint8Array = nothing;
  #held = 0;
  #consumed = 0;

  constructor(sink: CaptureSink) {
    this.#sink = sink;
  }

  /** Takes the next chunk of the file, which the caller may reuse afterwards. Throws CaptureFileError. */
  push(chunk: Uint8Array): void {
    const at = this.#held === 0 ? 0 : this.#join(chunk);
    if (this.#held === 0) this.#append(chunk.subarray(this.#take(chunk, at)));
  }

  /** Takes whole records from `at` on; returns where the first begins that is not whole. */
  #take(bytes: Uint8Array, from: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const piece = { bytes, view, start: this.#consumed - from };
    let at = from;
    if (!this.#format && bytes.length >= 4) this.#format = chooseFormat(view, this.#sink);
    while (this.#format) {
      const taken = this.#format.take(piece, at);
      if (taken === 0) break;
      at += taken;
    }
    this.#consumed += at - from;
    return at;
  }

  /**
   * Takes the record whose start is held with no more of the chunk than it needs, so that the other packets are read
   * where they lie; returns where in the chunk they begin. Something is held afterwards when the chunk was not enough.
   */
  #join(chunk: Uint8Array): number {
    let used = 0;
    for (let most = JOIN_BYTES; used < chunk.length; most *= 2) {
      const more = chunk.subarray(used, most);
      this.#append(more);
      used += more.length;
      const taken = this.#take(this.#store.subarray(0, this.#held), 0);
      this.#store.copyWithin(0, taken, this.#held);
      this.#held -= taken;
      if (this.#held > used) continue;
      used -= this.#held;
      this.#held = 0;
      break;
    }
    return used;
  }

  /** Says that the file is over. Throws when it ends inside a record; what came before was delivered. */
  end(): void {
    if (!this.#format) throw new CaptureFileError("not a capture file: shorter than its magic number", 0);
    if (this.#held > 0) throw new CaptureFileError(`the ${this.#format.name} file ends inside a record`, this.#consumed);
  }

  /** Holds these bytes behind what is held. */
  #append(bytes: Uint8Array): void {
    const length = this.#held + bytes.length;
    if (length > this.#store.length) {
      // doubled, so that a large record in small chunks is not copied once a chunk
      const grown = new Uint8Array(Math.max(length, 2 * this.#store.length));
      grown.set(this.#store.subarray(0, this.#held));
      this.#store = grown;
    }
    this.#store.set(bytes, this.#held);
    this.#held = length;
  }
}

function chooseFormat(view: DataView, sink: CaptureSink): Format {
  const magic = view.getUint32(0, true);
  if (magic === SECTION_HEADER) return new PcapngFormat(sink);
  if (isPcapMagic(magic)) return new PcapFormat(sink);
  throw new CaptureFileError("not a capture file: neither pcap nor pcapng", 0);
}
