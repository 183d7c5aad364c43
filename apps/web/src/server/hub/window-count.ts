/** Counts what happens within fixed windows of time. */
export class WindowCount {
  readonly #ms: number;
  readonly #now: () => number;
  #since = 0;
  #count = 0;

  constructor(ms: number, now: () => number) {
    this.#ms = ms;
    this.#now = now;
  }

  /** Counts one more; how many it are in the window that runs. */
  add(): number {
    const now = this.#now();
    if (now - this.#since > this.#ms) {
      this.#since = now;
      this.#count = 0;
    }
    return ++this.#count;
  }
}
