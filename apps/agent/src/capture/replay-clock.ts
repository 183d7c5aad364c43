/** Times a recorded packet's speed: 1 as recorded, 10 ten times as fast; "max" does not wait at all. */
export type ReplaySpeed = number | "max";

/**
 * When the packets of a file are due: the first one at once, the others as far from it as they were recorded, divided
 * by the speed. A packet that was recorded before the one before it is due with it, and keeps its own time, though none
 * before the first one's. Pure; all times in ns.
 */
export class ReplayClock {
  readonly #startNs: bigint;
  readonly #speed: ReplaySpeed;
  #first: bigint | null = null;
  #dueNs: bigint;

  /** `startNs`: CLOCK_BOOTTIME now. */
  constructor(startNs: bigint, speed: ReplaySpeed) {
    this.#startNs = startNs;
    this.#dueNs = startNs;
    this.#speed = speed;
  }

  /** When the next packet is to be injected, and the time it is to have. At "max" both are `nowNs`. */
  next(recordedNs: bigint, nowNs: bigint): { readonly dueNs: bigint; readonly timeNs: bigint } {
    if (this.#speed === "max") return { dueNs: nowNs, timeNs: nowNs };
    this.#first ??= recordedNs;
    const since = recordedNs > this.#first ? recordedNs - this.#first : 0n;
    const timeNs = this.#startNs + (this.#speed === 1 ? since : BigInt(Math.round(Number(since) / this.#speed)));
    if (timeNs > this.#dueNs) this.#dueNs = timeNs;
    return { dueNs: this.#dueNs, timeNs };
  }
}
