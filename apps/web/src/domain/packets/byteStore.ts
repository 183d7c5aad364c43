/** Size of most chunks; only a packet that is larger gets one of its own, at most 16 MiB (pcapfile's limit). */
const CHUNK_BYTES = 8 << 20;
/** Between adopted chunks, for the packet that lies across two of them. */
const BETWEEN_BYTES = 4096;

/** Bytes of packets in chunks, in the order of the packets, which are let go from the front. */
export class ByteStore {
  readonly #chunks: Uint8Array[] = [];
  readonly #views: DataView[] = [];
  /** Number of #chunks[0]. */
  #first = 0;
  /** Of the last chunk. */
  #used = 0;
  #bytes = 0;
  #adopted: Uint8Array | null = null;
  /** Where the packet lies that was added last. */
  chunk = 0;
  offset = 0;

  /** Bytes held, unused ends of chunks included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Packets that are added of these bytes stay in them; they are the store's from now on. */
  adopt(bytes: Uint8Array): void {
    this.#adopted = bytes;
  }

  /** Holds source[from … from + length): a copy, unless it was adopted. */
  add(source: Uint8Array, from: number, length: number): void {
    if (source === this.#adopted) return this.#addInPlace(source, from);
    let last = this.#chunks.at(-1);
    if (last === undefined || this.#used + length > last.length)
      last = this.#push(new Uint8Array(Math.max(this.#adopted === null ? CHUNK_BYTES : BETWEEN_BYTES, length)));
    copy(source, from, last, this.#used, length);
    this.#at(this.#used);
    this.#used += length;
  }

  #addInPlace(source: Uint8Array, from: number): void {
    if (source !== this.#chunks.at(-1)) {
      this.#push(source);
      this.#used = source.length;
    }
    this.#at(from);
  }

  #push(chunk: Uint8Array): Uint8Array {
    this.#chunks.push(chunk);
    this.#views.push(new DataView(chunk.buffer, chunk.byteOffset, chunk.length));
    this.#bytes += chunk.length;
    this.#used = 0;
    return chunk;
  }

  #at(offset: number): void {
    this.chunk = this.#first + this.#chunks.length - 1;
    this.offset = offset;
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
