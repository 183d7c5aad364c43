/** One reading of a host's clocks, between two of the hub's own. */
export type Reading = {
  /** Hub wall time when the answer came, ms since 1970. */
  readonly hubMs: number;
  /** Round trip, ms. */
  readonly rttMs: number;
  /** CLOCK_BOOTTIME and CLOCK_REALTIME of the host, ns. */
  readonly bootNs: bigint;
  readonly wallNs: bigint;
};
export type Estimate = {
  /** Add to a boot time to get hub wall time, ns. */
  readonly bootToWallNs: bigint;
  /** Host wall clock minus the hub's, ns. */
  readonly offsetNs: bigint;
  /** Half the round trip of the reading used, plus the hub clock's own grain, ns. */
  readonly errorNs: bigint;
};

const KEPT = 8;
/** Date.now() counts whole milliseconds. */
const GRAIN_NS = 500_000n;

/** Offset of a host's clocks: of the last eight readings the one with the shortest round trip, as in NTP (RFC 5905, 10). */
export class ClockEstimate {
  private readings: Reading[] = [];

  add(reading: Reading): Estimate {
    this.readings = [...this.readings.slice(1 - KEPT), reading];
    const best = this.readings.reduce((a, b) => (b.rttMs <= a.rttMs ? b : a));
    const halfRtt = BigInt(Math.round((best.rttMs * 1e6) / 2));
    const hubNs = BigInt(best.hubMs) * 1_000_000n + GRAIN_NS - halfRtt;
    return { bootToWallNs: hubNs - best.bootNs, offsetNs: best.wallNs - hubNs, errorNs: halfRtt + GRAIN_NS };
  }
}
