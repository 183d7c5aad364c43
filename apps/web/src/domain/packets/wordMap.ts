const EMPTY = 0;

/** Numbers keys of so many 32-bit words in the order in which they come, from 0. */
export class WordMap {
  readonly #width: number;
  #keys: Uint32Array;
  /** Number of a key, and 1; open addressing, at most half full. */
  #slots = new Uint32Array(1024);
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
    const slot = this.#slotOf(key, 0);
    const held = this.#slots[slot] ?? EMPTY;
    if (held !== EMPTY) return held - 1;
    const at = this.#size * this.#width;
    if (at + this.#width > this.#keys.length) this.#grow();
    this.#keys.set(key, at);
    // after growing the slots are others
    this.#slots[this.#slotOf(key, 0)] = ++this.#size;
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

  /** Of the key that begins at a place of these words. */
  #slotOf(words: Uint32Array, at: number, slots = this.#slots): number {
    let hash = 0x811c9dc5;
    for (let i = 0; i < this.#width; i++) hash = Math.imul(hash ^ (words[at + i] ?? 0), 0x01000193) ^ (hash >>> 15);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    let slot = (hash ^ (hash >>> 13)) & (slots.length - 1);
    while (slots[slot] !== EMPTY && !this.#is((slots[slot] ?? 1) - 1, words, at)) slot = (slot + 1) & (slots.length - 1);
    return slot;
  }

  #is(number: number, words: Uint32Array, at: number): boolean {
    const own = number * this.#width;
    for (let i = 0; i < this.#width; i++) if (this.#keys[own + i] !== words[at + i]) return false;
    return true;
  }

  #grow(): void {
    const keys = new Uint32Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
    const slots = new Uint32Array(this.#slots.length * 2);
    for (let i = 0; i < this.#size; i++) slots[this.#slotOf(keys, i * this.#width, slots)] = i + 1;
    this.#slots = slots;
  }
}
