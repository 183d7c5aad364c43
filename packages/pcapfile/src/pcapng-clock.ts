/** Seconds since 1970 UTC and nanoseconds below 1e9, written into. */
type Time = { seconds: number; nanoseconds: number };

/** Ticks per second up to which the arithmetic below is exact in 53 bits. */
const MAX_PLAIN = 2 ** 30;

/**
 * How the 64-bit timestamps of an interface count: if_tsresol (a power of 10, or of 2 with the upper bit set) and
 * if_tsoffset (seconds to add); draft-ietf-opsawg-pcapng 4.2.
 */
export class Clock {
  readonly #perSecond: bigint;
  readonly #offset: number;
  /** Plain numbers where a tick is a whole number of nanoseconds, as in nearly every file; else null. */
  readonly #plain: Plain | null;

  constructor(resolution: number, offsetSeconds: bigint) {
    this.#perSecond = resolution & 0x80 ? 1n << BigInt(resolution & 0x7f) : 10n ** BigInt(resolution);
    this.#offset = Number(offsetSeconds);
    this.#plain = plainOf(this.#perSecond);
  }

  /** Puts the time of `high` × 2³² + `low` ticks into `time`. */
  read(high: number, low: number, time: Time): void {
    const plain = this.#plain;
    if (plain === null) return this.#readWide((BigInt(high) << 32n) | BigInt(low), time);
    const [upper, lower] = [high >>> 16, high & 0xffff];
    const rest = upper * plain.rest48 + lower * plain.rest32 + low;
    time.seconds = upper * plain.whole48 + lower * plain.whole32 + Math.floor(rest / plain.perSecond) + this.#offset;
    time.nanoseconds = (rest % plain.perSecond) * plain.nanoseconds;
  }

  #readWide(ticks: bigint, time: Time): void {
    time.seconds = Number(ticks / this.#perSecond) + this.#offset;
    time.nanoseconds = Number(((ticks % this.#perSecond) * 1_000_000_000n) / this.#perSecond);
  }

  /** Nanoseconds since 1970 UTC. */
  nanoseconds(ticks: bigint): bigint {
    return (ticks * 1_000_000_000n) / this.#perSecond + BigInt(this.#offset) * 1_000_000_000n;
  }
}

/** 2⁴⁸ and 2³² ticks as whole seconds and the ticks left over. */
type Plain = {
  readonly perSecond: number;
  readonly nanoseconds: number;
  readonly whole48: number;
  readonly rest48: number;
  readonly whole32: number;
  readonly rest32: number;
};

function plainOf(perSecond: bigint): Plain | null {
  if (perSecond > BigInt(MAX_PLAIN) || 1_000_000_000n % perSecond !== 0n) return null;
  const ticks = Number(perSecond);
  return {
    perSecond: ticks,
    nanoseconds: 1e9 / ticks,
    whole48: Math.floor(2 ** 48 / ticks),
    rest48: 2 ** 48 % ticks,
    whole32: Math.floor(2 ** 32 / ticks),
    rest32: 2 ** 32 % ticks,
  };
}
