/** Rows a second that one subscription is shown: what is not used of a half second is not saved up. */
export class Thinner {
  readonly #perSecond: number;
  #left: number;
  #at: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond / 2;
    this.#at = nowMs;
  }

  /** How many of `rows` may be shown now. */
  take(rows: number, nowMs: number): number {
    if (this.#perSecond === Infinity) return rows;
    const passed = Math.max(0, nowMs - this.#at) / 1000;
    this.#at = nowMs;
    this.#left = Math.min(Math.max(1, this.#perSecond / 2), this.#left + passed * this.#perSecond);
    const taken = Math.min(rows, Math.floor(this.#left));
    this.#left -= taken;
    return taken;
  }
}
