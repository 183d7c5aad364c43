import type { Clock } from "../clock.ts";
import { createThrottle } from "../throttle.ts";

const FAILURES_PER_MINUTE = 120;
/** Then: a fleet behind the same address comes in by and by, and guessing costs next to nothing. */
const TRIES_PER_SECOND = 10;

/** Handshakes that failed, by the address they came from. */
export type Strangers = {
  /** Whether a handshake from here is looked at; asked once for each. */
  mayTry(address: string): boolean;
  failed(address: string): void;
};

/** Only failures count: a whole fleet may come back from behind one address. */
export function createStrangers(clock: Clock): Strangers {
  const failures = createThrottle(clock, FAILURES_PER_MINUTE, 60_000);
  const tries = createThrottle(clock, TRIES_PER_SECOND, 1_000);
  return {
    mayTry: (address) => !failures.spent(address) || tries.allow(address),
    failed: (address) => void failures.allow(address),
  };
}
