import type { CaptureLimits, CaptureProgress, FiltersMessage } from "@sonde/protocol";
import { type BitCapture, type CutBatch, type CutSet, cutRecords, filterSetOf } from "./cut-records.ts";

/** Sets whose records may still come: the present one, the one before, and one that is being loaded. */
const SETS_KEPT = 3;
/** Captures told of that no set in force has any more: what the hub has not heard of them is told later. */
const GONE_TOLD = 16;
const MOST_TOLD = 64;
/** A timer takes no more, and a host that slept is found by it. */
const MAX_WAIT_MS = 60_000;

export type CapturesOptions = {
  /** CLOCK_BOOTTIME, ns. */
  readonly bootNs: () => bigint;
  /** Calls once after so many ms; answers a disposer. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** Some capture of the set in force has ended: its filter is to select nothing more. */
  readonly onEnded: () => void;
};
type End = NonNullable<CaptureProgress["ended"]>;

/** One capture, as far as this run of the agent has it. Limits are exact up to 2^53. */
class Capture {
  readonly id: string;
  untilNs = 0;
  maxPackets = 0;
  maxBytes = 0;
  packets = 0;
  bytes = 0;
  ended: End | null = null;

  constructor(id: string) {
    this.id = id;
  }

  limit({ untilNs, maxPackets, maxBytes }: CaptureLimits): void {
    this.untilNs = Number(untilNs);
    this.maxPackets = Number(maxPackets);
    this.maxBytes = Number(maxBytes);
  }

  /** A record made for it; false: it is beyond a limit. What was made before a capture was stopped is its own. */
  take(tsNs: number, capLen: number): boolean {
    if (this.ended !== null && this.ended !== "stopped") return false;
    const reached = tsNs >= this.untilNs ? "time" : this.packets >= this.maxPackets ? "packets" : this.#exceeds(capLen);
    if (reached !== null) {
      this.ended ??= reached;
      return false;
    }
    this.packets++;
    this.bytes += capLen;
    if (this.packets === this.maxPackets) this.ended ??= "packets";
    return true;
  }

  #exceeds(capLen: number): "bytes" | null {
    return this.bytes + capLen > this.maxBytes ? "bytes" : null;
  }
}

/**
 * Ends captures at their limits (SPEC 10.2), whether a hub is there or not. Pure but for the clock and the timer it is
 * given. A capture goes on from set to set by its id; one that a set lacks is stopped.
 */
export class Captures {
  readonly #options: CapturesOptions;
  /** By number of the set, the newest last; only of sets with captures. */
  readonly #sets = new Map<number, CutSet>();
  readonly #known = new Map<string, Capture>();
  /** What `status` tells of. */
  #told: readonly { readonly capture: Capture; readonly snaplen: number }[] = [];
  #disarm: () => void = () => undefined;

  constructor(options: CapturesOptions) {
    this.#options = options;
  }

  /** A set is about to be loaded: its records may come before it is known to be in force. */
  expect({ number, filters }: FiltersMessage): void {
    this.#sets.delete(number);
    const bits = filters.flatMap(({ capture: limits }, bit) => {
      if (limits === undefined) return [];
      const capture = this.#known.get(limits.id) ?? new Capture(limits.id);
      capture.limit(limits);
      this.#known.set(limits.id, capture);
      return [{ capture, bit }];
    });
    const captures = bits.map(({ capture, bit }) => maskOf(capture, bit, filters[bit]!.snaplen));
    this.#sets.set(number, { captures, snaplens: filters.map(({ snaplen }) => snaplen) });
    for (const [first] of this.#sets) if (this.#sets.size > SETS_KEPT) this.#sets.delete(first);
  }

  /** It is. */
  inForce({ filters }: FiltersMessage): void {
    const present = filters.flatMap(({ capture, snaplen }) => {
      const found = capture === undefined ? undefined : this.#known.get(capture.id);
      return found === undefined ? [] : [{ capture: found, snaplen }];
    });
    const ids = new Set(present.map(({ capture }) => capture.id));
    const gone = this.#told.filter(({ capture }) => !ids.has(capture.id)).slice(0, GONE_TOLD);
    for (const { capture } of gone) capture.ended ??= "stopped";
    this.#told = [...present, ...gone].slice(0, MOST_TOLD);
    const named = new Set(this.#told.map(({ capture }) => capture.id));
    for (const id of this.#known.keys()) if (!named.has(id)) this.#known.delete(id);
    this.expire();
  }

  /** What is left of a record batch; the batch itself when nothing had to go (SPEC 10.2). */
  cut(batch: Uint8Array, records: number): CutBatch {
    const set = this.#sets.get(filterSetOf(batch));
    if (set === undefined || set.captures.length === 0) return { batch, records, dropped: 0 };
    const before = this.#running;
    const left = cutRecords(batch, records, set);
    if (this.#running !== before) this.#options.onEnded();
    return left;
  }

  /** Ends what is past its time. To be called now and then too: a timer sleeps while the host does. */
  expire(): void {
    this.#disarm();
    const now = Number(this.#options.bootNs());
    const before = this.#running;
    let next = Infinity;
    for (const { capture } of this.#told) {
      if (capture.ended === null && capture.untilNs <= now) capture.ended = "time";
      if (capture.ended === null) next = Math.min(next, capture.untilNs - now);
    }
    if (next < Infinity) {
      const ms = Math.min(Math.ceil(next / 1e6), MAX_WAIT_MS);
      this.#disarm = this.#options.after(ms, () => this.expire());
    }
    if (this.#running !== before) this.#options.onEnded();
  }

  /** Whether a filter of the set in force is a capture that has ended. */
  hasEnded({ capture }: FiltersMessage["filters"][number]): boolean {
    return capture !== undefined && (this.#known.get(capture.id)?.ended ?? null) !== null;
  }

  /** For `status`; `snaplenOf`: what holds of what was asked for. */
  status(snaplenOf: (asked: number) => number): CaptureProgress[] {
    return this.#told.map(({ capture: { id, ended, packets, bytes }, snaplen }) => ({
      id,
      ended,
      packets: String(packets),
      bytes: String(bytes),
      snaplen: snaplenOf(snaplen),
    }));
  }

  stop(): void {
    this.#disarm();
  }

  get #running(): number {
    return this.#told.filter(({ capture }) => capture.ended === null).length;
  }
}

/** Of a packet that another filter wants more of, it counts what it asks for itself (SPEC 10.1). */
function maskOf(capture: Capture, bit: number, snaplen: number): BitCapture {
  return {
    low: bit < 32 ? (1 << bit) >>> 0 : 0,
    high: bit < 32 ? 0 : (1 << (bit - 32)) >>> 0,
    take: (tsNs, capLen) => capture.take(tsNs, Math.min(capLen, snaplen)),
  };
}
