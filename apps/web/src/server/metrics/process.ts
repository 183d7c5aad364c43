import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock } from "../clock.ts";

/** How late timers fired in the last full window, seconds. */
export type LoopDelay = { readonly mean: number; readonly p99: number; readonly max: number };
export type ProcessWatch = {
  delay(): LoopDelay;
  /** Idempotent. */
  stop(): void;
};

const RESOLUTION_MS = 10;
const WINDOW_MS = 15_000;

/** Measures the event loop's delay by windows of 15 s, whoever asks how often. */
export function watchProcess(clock: Clock): ProcessWatch {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  let last: LoopDelay | null = null;
  const read = (): LoopDelay => ({
    mean: late(histogram.mean),
    p99: late(histogram.percentile(99)),
    max: late(histogram.max),
  });
  const stop = clock.every(WINDOW_MS, () => {
    last = read();
    histogram.reset();
  });
  return {
    delay: () => last ?? read(),
    stop: () => {
      stop();
      histogram.disable();
    },
  };
}

/** The histogram holds nanoseconds from one tick to the next, nothing yet as NaN. */
function late(ns: number): number {
  return Number.isFinite(ns) ? Math.max(0, ns / 1e9 - RESOLUTION_MS / 1e3) : 0;
}
