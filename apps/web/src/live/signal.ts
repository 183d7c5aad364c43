/** Calls `run` before the next paint, once; the disposer cancels. */
export type Schedule = (run: () => void) => () => void;

/** The browser's own frame clock; it stands still in a hidden tab, and so does drawing. */
export const onFrame: Schedule = (run) => {
  const id = requestAnimationFrame(() => run());
  return () => cancelAnimationFrame(id);
};

/** Timers and time, as the browser has them. */
export type Pace = { readonly now: () => number; readonly later: (run: () => void, ms: number) => () => void };
export const browserPace: Pace = {
  now: () => performance.now(),
  later: (run, ms) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** At most once in so many milliseconds, the first time at once: for what nobody reads faster, and all of which is drawn anew. */
export function atMostEvery(ms: number, schedule: Schedule, { now, later }: Pace): Schedule {
  let last = Number.NEGATIVE_INFINITY;
  return (run) => {
    let cancel = (): void => {};
    const begin = (): void => {
      cancel = schedule(() => {
        last = now();
        run();
      });
    };
    const wait = last + ms - now();
    if (wait <= 0) begin();
    else cancel = later(begin, wait);
    return () => cancel();
  };
}

/**
 * Listeners that are told at most once per frame. Stores call `touch` on every change and renew their
 * snapshot in `renew`, which runs once, before the listeners.
 */
export class FrameSignal {
  readonly #listeners = new Set<() => void>();
  readonly #schedule: Schedule;
  readonly #renew: () => void;
  #due = false;
  #cancel: () => void = () => {};

  constructor(schedule: Schedule, renew: () => void) {
    this.#schedule = schedule;
    this.#renew = renew;
  }

  /** Adds a listener; the disposer may be called twice. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  touch(): void {
    if (this.#due) return;
    this.#due = true;
    this.#cancel = this.#schedule(() => this.flush());
  }

  /** Tells everyone now: for changes a person made, which must not wait. */
  flush(): void {
    this.dispose();
    this.#renew();
    for (const listener of [...this.#listeners]) listener();
  }

  /** Cancels what is scheduled. Idempotent. */
  dispose(): void {
    if (!this.#due) return;
    this.#due = false;
    this.#cancel();
  }
}
