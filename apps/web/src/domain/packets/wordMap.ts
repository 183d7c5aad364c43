const EMPTY = 0;

/** Numbers keys of so many 32-bit words in the order in which they come, from 0. */
export class WordMap {
  readonly #width: number;
  #keys: Uint32Array;
  /** Two words each: number of a key, and 1; and its hash, which mostly tells that it is another key. Open addressing, at most half full. */
  #slots = new Uint32Array(2 * 1024);
  #size = 0;

  constructor(width: number) {
    this.#width = width;
    this.#keys = new Uint32Array(512 * width);
  }

  get size(): number {
    return this.#size;
  }

  /** The key's number; a new one when it was not there. */
  add(key: Uint32Array): number {
    const hash = this.#hash(key);
    const last = this.#slots.length - 1;
    let slot = (2 * hash) & last;
    for (let held = this.#slots[slot] ?? EMPTY; held !== EMPTY; held = this.#slots[slot] ?? EMPTY) {
      if (this.#slots[slot + 1] === hash && this.#is(held - 1, key)) return held - 1;
      slot = (slot + 2) & last;
    }
    const at = this.#size * this.#width;
    this.#keys.set(key, at);
    this.#slots[slot] = ++this.#size;
    this.#slots[slot + 1] = hash;
    if (at + 2 * this.#width > this.#keys.length) this.#grow();
    return this.#size - 1;
  }

  /** Word `i` of a key. */
  word(number: number, i: number): number {
    return this.#keys[number * this.#width + i] ?? 0;
  }

  /** Forgets all keys. */
  clear(): void {
    this.#slots.fill(EMPTY);
    this.#size = 0;
  }

  #hash(key: Uint32Array): number {
    let hash = 0x811c9dc5;
    for (let i = 0; i < this.#width; i++) hash = Math.imul(hash ^ (key[i] ?? 0), 0x01000193) ^ (hash >>> 15);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return (hash ^ (hash >>> 13)) >>> 0;
  }

  #is(number: number, key: Uint32Array): boolean {
    const own = number * this.#width;
    for (let i = 0; i < this.#width; i++) if (this.#keys[own + i] !== key[i]) return false;
    return true;
  }

  #grow(): void {
    const keys = new Uint32Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
    const [old, slots] = [this.#slots, new Uint32Array(this.#slots.length * 2)];
    for (let from = 0; from < old.length; from += 2) {
      const hash = old[from + 1] ?? 0;
      if (old[from] === EMPTY) continue;
      let slot = (2 * hash) & (slots.length - 1);
      while (slots[slot] !== EMPTY) slot = (slot + 2) & (slots.length - 1);
      slots[slot] = old[from] ?? EMPTY;
      slots[slot + 1] = hash;
    }
    this.#slots = slots;
  }
}
