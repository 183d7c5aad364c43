export type BackoffOptions = { readonly firstMs: number; readonly maxMs: number; readonly random: () => number };

/** Capped exponential backoff with full jitter over its upper half: each wait is 50–100 % of the step. */
export class Backoff {
  readonly #options: BackoffOptions;
  #step = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** The next wait in ms; each call doubles the step up to the cap. */
  next(): number {
    const { firstMs, maxMs } = this.#options;
    const step = Math.min(maxMs, firstMs * 2 ** this.#step);
    if (step < maxMs) this.#step++;
    return this.#jittered(step);
  }

  /** The longest wait, for refusals that only a person can lift (SPEC 3.6). */
  longest(): number {
    return this.#jittered(this.#options.maxMs);
  }

  reset(): void {
    this.#step = 0;
  }

  #jittered(step: number): number {
    return step * (0.5 + this.#options.random() / 2);
  }
}
