/** Time and timers, injected so that tests need not wait. */
export type Clock = {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `run` every `ms`; returns an idempotent disposer. Does not keep the process alive. */
  every(ms: number, run: () => void): () => void;
  /** Calls `run` once after `ms`; returns an idempotent disposer. Does not keep the process alive. */
  after(ms: number, run: () => void): () => void;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  every(ms, run) {
    const timer = setInterval(run, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
