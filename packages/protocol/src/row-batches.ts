import { frameBatch, viewOf } from "./batch.ts";
import { BATCH_HEADER_BYTES, type BatchKind, MAX_BATCH_BYTES } from "./layout.ts";

const FIRST_ROOM = 16;

/** Packs rows of one size, in u64 words as they lie on the wire, into batches without their stamp. */
export class RowBatches {
  readonly #kind: BatchKind;
  readonly #rowWords: number;
  readonly #maxRows: number;
  #words: BigUint64Array;
  #rows = 0;

  constructor(kind: BatchKind, rowBytes: number) {
    this.#kind = kind;
    this.#rowWords = rowBytes / 8;
    this.#maxRows = Math.floor((MAX_BATCH_BYTES - BATCH_HEADER_BYTES) / rowBytes);
    this.#words = new BigUint64Array(FIRST_ROOM * this.#rowWords);
  }

  get rows(): number {
    return this.#rows;
  }

  /** Copies the row that begins at a word of `from`. */
  push(from: BigUint64Array, at = 0): void {
    const to = this.#rows++ * this.#rowWords;
    if (to === this.#words.length) {
      const wider = new BigUint64Array(to * 2);
      wider.set(this.#words);
      this.#words = wider;
    }
    for (let i = 0; i < this.#rowWords; i++) this.#words[to + i] = from[at + i]!; // an object less a row than set(subarray())
  }

  /** The batches of all rows pushed so far, none without rows; begins anew. Times as SPEC 2 has them in the header. */
  take(firstNs: bigint, lastNs: bigint): ArrayBuffer[] {
    const batches: ArrayBuffer[] = [];
    for (let from = 0; from < this.#rows; from += this.#maxRows) {
      const count = Math.min(this.#maxRows, this.#rows - from);
      const body = this.#words.subarray(from * this.#rowWords, (from + count) * this.#rowWords);
      batches.push(this.#batch(body, { count, firstNs, lastNs }));
    }
    this.#rows = 0;
    this.#words = new BigUint64Array(FIRST_ROOM * this.#rowWords);
    return batches;
  }

  /** A batch of no rows: something was read, and nothing had counted. */
  empty(firstNs: bigint, lastNs: bigint): ArrayBuffer {
    return this.#batch(new BigUint64Array(), { count: 0, firstNs, lastNs });
  }

  #batch(body: BigUint64Array, frame: { readonly count: number; readonly firstNs: bigint; readonly lastNs: bigint }): ArrayBuffer {
    const batch = new ArrayBuffer(BATCH_HEADER_BYTES + body.byteLength);
    frameBatch(viewOf(batch), { kind: this.#kind, bodyLen: body.byteLength, ...frame });
    new BigUint64Array(batch, BATCH_HEADER_BYTES).set(body);
    return batch;
  }
}
