/** One reading of a host's clocks, and the hub's own time at that moment. */
export type Reading = {
  /** Hub wall time of the reading, ms since 1970: for a question and its answer, half way between them. */
  readonly hubMs: number;
  /** How far off `hubMs` may be: half the round trip. */
  readonly errorMs: number;
  /** CLOCK_BOOTTIME and CLOCK_REALTIME of the host, ns. */
  readonly bootNs: bigint;
  readonly wallNs: bigint;
};
export type Estimate = {
  /** Add to a boot time to get hub wall time, ns. */
  readonly bootToWallNs: bigint;
  /** Host wall clock minus the hub's, ns. */
  readonly offsetNs: bigint;
  readonly errorNs: bigint;
};

const KEPT = 8;
/** Date.now() drops the part below a millisecond: half of one on average, and half of one either way. */
const HALF_TICK_NS = 500_000n;

/** Offset of a host's clocks: the best of the last eight readings, as in NTP's clock filter (RFC 5905, 10). */
export class ClockEstimate {
  private readings: Reading[] = [];

  add(reading: Reading): Estimate {
    this.readings = [...this.readings.slice(1 - KEPT), reading];
    const best = this.readings.reduce((a, b) => (b.errorMs <= a.errorMs ? b : a));
    const hubNs = BigInt(Math.round(best.hubMs * 1e6)) + HALF_TICK_NS;
    return {
      bootToWallNs: hubNs - best.bootNs,
      offsetNs: best.wallNs - hubNs,
      errorNs: BigInt(Math.round(best.errorMs * 1e6)) + HALF_TICK_NS,
    };
  }
}
