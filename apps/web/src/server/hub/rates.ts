import type { Clock } from "../clock.ts";
import type { HostTraffic } from "../context.ts";
import type { CounterSums } from "../store/series.ts";

export type Rates = { readonly packetsPerSecond: number; readonly bitsPerSecond: number };
const NONE: Rates = { packetsPerSecond: 0, bitsPerSecond: 0 };
/** A rate this old says nothing of now. */
const FRESH_MS = 5_000;

/** What passed the uplinks of each host: wire packets and bits in all, and per second of the last counted interval. */
export function createRates(clock: Clock): {
  add(hostId: string, sums: CounterSums, intervalNs: bigint): void;
  of(hostId: string): Rates;
  traffic(hostId: string): HostTraffic | null;
} {
  const latest = new Map<string, { at: number; rates: Rates; packets: number; bytes: number }>();
  const fresh = (hostId: string): Rates => {
    const known = latest.get(hostId);
    return known && clock.now() - known.at < FRESH_MS ? known.rates : NONE;
  };
  return {
    add(hostId, sums, intervalNs) {
      const seconds = Number(intervalNs) / 1e9;
      if (seconds <= 0) return;
      const rates = { packetsPerSecond: sums.uplinkPackets / seconds, bitsPerSecond: (sums.uplinkBytes * 8) / seconds };
      const { packets, bytes } = latest.get(hostId) ?? { packets: 0, bytes: 0 };
      latest.set(hostId, { at: clock.now(), rates, packets: packets + sums.uplinkPackets, bytes: bytes + sums.uplinkBytes });
    },
    of: fresh,
    traffic(hostId) {
      const known = latest.get(hostId);
      return known ? { packets: known.packets, bytes: known.bytes, ...fresh(hostId) } : null;
    },
  };
}
