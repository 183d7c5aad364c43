import type { Clock } from "../clock.ts";
import type { CounterSums } from "../store/series.ts";

export type Rates = { readonly packetsPerSecond: number; readonly bitsPerSecond: number };
const NONE: Rates = { packetsPerSecond: 0, bitsPerSecond: 0 };
/** A rate this old says nothing of now. */
const FRESH_MS = 5_000;

/** The latest rates of each host: wire packets and bits of its uplinks over the last counted interval. */
export function createRates(clock: Clock): {
  add(hostId: string, sums: CounterSums, intervalNs: bigint): void;
  of(hostId: string): Rates;
} {
  const latest = new Map<string, { at: number; rates: Rates }>();
  return {
    add(hostId, sums, intervalNs) {
      const seconds = Number(intervalNs) / 1e9;
      if (seconds <= 0) return;
      const rates = { packetsPerSecond: sums.uplinkPackets / seconds, bitsPerSecond: (sums.uplinkBytes * 8) / seconds };
      latest.set(hostId, { at: clock.now(), rates });
    },
    of(hostId) {
      const known = latest.get(hostId);
      return known && clock.now() - known.at < FRESH_MS ? known.rates : NONE;
    },
  };
}
