import type { ClockReading } from "@sonde/protocol";

export type ClockSources = { readonly bootNs: () => bigint; readonly wallMs: () => number };

/**
 * CLOCK_BOOTTIME and CLOCK_REALTIME of one moment, ns. Date.now() has milliseconds only, so this waits,
 * at most one, for its next tick: the pair is then good to some microseconds.
 */
export function readClock({ bootNs, wallMs }: ClockSources): ClockReading {
  const before = wallMs();
  let wall = wallMs();
  while (wall === before) wall = wallMs();
  return { ok: true, bootNs: bootNs().toString(), wallNs: (BigInt(wall) * 1_000_000n).toString() };
}
