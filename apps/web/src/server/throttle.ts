import type { Clock } from "./clock.ts";

const MAX_KEYS = 10_000;

/** Counts per key in fixed windows; bounded memory. */
export type Throttle = {
  /** Counts one; false when `key` has used up its window. */
  allow(key: string): boolean;
  /** Whether one more would be too many; counts nothing. */
  spent(key: string): boolean;
};

/** Lets `max` calls per `windowMs` through for each key. When too many keys are open at once, the oldest is forgotten. */
export function createThrottle(clock: Clock, max: number, windowMs: number): Throttle {
  const windows = new Map<string, { since: number; count: number }>();
  return {
    allow(key) {
      const now = clock.now();
      const open = windows.get(key);
      if (open && now - open.since < windowMs) return ++open.count <= max;
      windows.delete(key);
      if (windows.size >= MAX_KEYS) windows.delete(windows.keys().next().value!);
      windows.set(key, { since: now, count: 1 });
      return true;
    },
    spent(key) {
      const open = windows.get(key);
      return open !== undefined && clock.now() - open.since < windowMs && open.count >= max;
    },
  };
}
