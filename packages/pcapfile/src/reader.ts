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
    const bytes = this.#held === 0 ? chunk : this.#append(chunk);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const piece = { bytes, view, start: this.#consumed };
    let at = 0;
    if (!this.#format && bytes.length >= 4) this.#format = chooseFormat(view, this.#sink);
    while (this.#format) {
      const taken = this.#format.take(piece, at);
      if (taken === 0) break;
      at += taken;
    }
    this.#consumed += at;
    this.#keep(bytes.subarray(at));
  }

  /** Says that the file is over. Throws when it ends inside a record; what came before was delivered. */
  end(): void {
    if (!this.#format) throw new CaptureFileError("not a capture file: shorter than its magic number", 0);
    if (this.#held > 0) throw new CaptureFileError(`the ${this.#format.name} file ends inside a record`, this.#consumed);
  }

  /** What was held and the chunk behind it. */
  #append(chunk: Uint8Array): Uint8Array {
    const length = this.#held + chunk.length;
    if (length > this.#store.length) {
      // doubled, so that a large record in small chunks is not copied once a chunk
      const grown = new Uint8Array(Math.max(length, 2 * this.#store.length));
      grown.set(this.#store.subarray(0, this.#held));
      this.#store = grown;
    }
    this.#store.set(chunk, this.#held);
    this.#held = length;
    return this.#store.subarray(0, length);
  }

  #keep(rest: Uint8Array): void {
    this.#held = rest.length;
    if (rest.buffer === this.#store.buffer) return void this.#store.copyWithin(0, rest.byteOffset, rest.byteOffset + rest.length);
    if (rest.length > this.#store.length) this.#store = new Uint8Array(rest.length);
    this.#store.set(rest);
  }
}

function chooseFormat(view: DataView, sink: CaptureSink): Format {
  const magic = view.getUint32(0, true);
  if (magic === SECTION_HEADER) return new PcapngFormat(sink);
  if (isPcapMagic(magic)) return new PcapFormat(sink);
  throw new CaptureFileError("not a capture file: neither pcap nor pcapng", 0);
}
