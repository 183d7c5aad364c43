import { callError } from "./errors.ts";
import type { NativeEngine } from "./load.ts";

/**
 * The blocks of memory that one reader's batches lie in, each with one ArrayBuffer that is used again. While a
 * block is lent nothing here holds its buffer, so that the collector finds it when it is forgotten.
 */
export class Lending {
  readonly #native: Pick<NativeEngine, "block" | "release">;
  /** Buffers of blocks that are the reader's, by the block's number. */
  readonly #idle: (ArrayBuffer | undefined)[] = [];
  /** Number of each lent batch's block; null: it lies in none, and the collector frees it. */
  readonly #lent = new WeakMap<Uint8Array, number | null>();

  /** Makes all the buffers, so that memory is at its most from the beginning; the blocks are touched as they are needed. */
  constructor(engine: Pick<NativeEngine, "block" | "release">) {
    this.#native = engine;
    for (let index = 0; ; index++) {
      const buffer = engine.block(index);
      if (typeof buffer === "number") break;
      this.#idle.push(buffer);
    }
  }

  /** The batch in the first `bytes` of a block, or of a buffer of its own. */
  lend(block: number | ArrayBuffer, bytes: number): Uint8Array<ArrayBuffer> {
    const batch = new Uint8Array(typeof block === "number" ? this.#take(block) : block, 0, bytes);
    this.#lent.set(batch, typeof block === "number" ? block : null);
    return batch;
  }

  /** False, and nothing done, unless this very batch is lent. */
  takeBack(batch: Uint8Array): boolean {
    const index = this.#lent.get(batch);
    if (index === undefined) return false;
    this.#lent.delete(batch);
    if (index === null) return true;
    this.#idle[index] = batch.buffer as ArrayBuffer;
    return this.#native.release(index) === 0;
  }

  #take(index: number): ArrayBuffer {
    const buffer = this.#idle[index] ?? this.#native.block(index);
    if (typeof buffer === "number") throw callError("block", buffer);
    this.#idle[index] = undefined;
    return buffer;
  }
}
