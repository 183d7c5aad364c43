/** Size of most chunks; only a packet that is larger gets one of its own, at most 16 MiB (pcapfile's limit). */
const CHUNK_BYTES = 8 << 20;

/** Bytes of packets, one behind the other in large chunks, which are let go from the front. */
export class ByteStore {
  readonly #chunks: Uint8Array[] = [];
  readonly #views: DataView[] = [];
  /** Number of #chunks[0]. */
  #first = 0;
  #used = 0;
  #bytes = 0;
  /** Where the packet lies that was added last. */
  chunk = 0;
  offset = 0;

  /** Bytes held, unused ends of chunks included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Copies source[from … from + length). */
  add(source: Uint8Array, from: number, length: number): void {
    let last = this.#chunks.at(-1);
    if (last === undefined || this.#used + length > last.length) {
      last = new Uint8Array(Math.max(CHUNK_BYTES, length));
      this.#chunks.push(last);
      this.#views.push(new DataView(last.buffer));
      this.#bytes += last.length;
      this.#used = 0;
    }
    copy(source, from, last, this.#used, length);
    this.chunk = this.#first + this.#chunks.length - 1;
    this.offset = this.#used;
    this.#used += length;
  }

  /** Of a chunk that is held. */
  view(chunk: number): DataView {
    return this.#views[chunk - this.#first] ?? nothing;
  }
  slice(chunk: number, offset: number, length: number): Uint8Array {
    return this.#chunks[chunk - this.#first]?.subarray(offset, offset + length) ?? new Uint8Array(0);
  }

  /** Lets go of all chunks before this one. */
  letGoBefore(chunk: number): void {
    const gone = this.#chunks.splice(0, chunk - this.#first);
    this.#views.splice(0, gone.length);
    this.#first += gone.length;
    for (const { length } of gone) this.#bytes -= length;
  }
}

const nothing = new DataView(new ArrayBuffer(0));

/** Below some 64 bytes a loop is faster than set() with its view. */
function copy(source: Uint8Array, from: number, target: Uint8Array, to: number, length: number): void {
  if (length > 64) return target.set(source.subarray(from, from + length), to);
  for (let i = 0; i < length; i++) target[to + i] = source[from + i] ?? 0;
}
