import type { RecordRef } from "../domain/record.ts";
import { PacketRing } from "./packetRing.ts";
import type { RingLimits } from "./packetRing.ts";
import { FrameSignal } from "./signal.ts";
import type { Schedule } from "./signal.ts";

/** Why the list stands still. `paused`: asked for; `pointer`: the pointer is over it; the rest say themselves. */
export const holdReasons = ["paused", "walking", "scrolled", "pointer"] as const;
export type HoldReason = (typeof holdReasons)[number];

/** What the list shows: rows `first` … `end − 1`; same object until something changed. */
export type PacketSnapshot = {
  readonly first: number;
  readonly end: number;
  /** Strongest reason for standing still, or null while following. */
  readonly held: HoldReason | null;
  /** Rows that came since it was held. */
  readonly fresh: number;
  /** Records that came since the page was opened. */
  readonly total: number;
  /** Boot time of the first record that came, ns: the zero of relative times. */
  readonly zeroNs: bigint;
};

const limits: RingLimits = { rows: 50_000, bytes: 64 * 1024 * 1024 };

/**
 * The packets of one host. While held, what is shown stays as it is and new rows gather in a ring of
 * their own, so that a pause never loses the rows it was made for.
 */
export class PacketStore {
  readonly #limits: RingLimits;
  readonly #signal: FrameSignal;
  readonly #reasons = new Set<HoldReason>();
  #shown: PacketRing;
  #incoming: PacketRing | null = null;
  #zeroNs: bigint | null = null;
  #snapshot: PacketSnapshot;

  constructor(schedule: Schedule, ringLimits: RingLimits = limits) {
    this.#limits = ringLimits;
    this.#shown = new PacketRing(ringLimits);
    this.#signal = new FrameSignal(schedule, () => (this.#snapshot = this.#take()));
    this.#snapshot = this.#take();
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#signal.subscribe(listener);
  readonly snapshot = (): PacketSnapshot => this.#snapshot;

  /** Adds a checked batch of `count` records. */
  append(view: DataView, count: number, firstNs: bigint): void {
    if (count === 0) return;
    this.#zeroNs ??= firstNs;
    (this.#incoming ?? this.#shown).append(view, count);
    this.#signal.touch();
  }

  /** The record of a shown row; null once it is past. */
  record(row: number): RecordRef | null {
    return this.#shown.at(row);
  }

  /** Stands still for a reason; several may hold at once. */
  hold(reason: HoldReason): void {
    if (this.#reasons.has(reason)) return;
    this.#reasons.add(reason);
    this.#incoming ??= new PacketRing(this.#limits, this.#shown.end);
    this.#signal.flush();
  }

  /** Takes a reason away; with the last one the list catches up and follows. */
  release(...reasons: readonly HoldReason[]): void {
    const had = this.#reasons.size;
    for (const reason of reasons) this.#reasons.delete(reason);
    if (this.#reasons.size === had) return;
    if (this.#reasons.size === 0 && this.#incoming !== null) {
      this.#shown = this.#shown.absorb(this.#incoming);
      this.#incoming = null;
    }
    this.#signal.flush();
  }

  #take(): PacketSnapshot {
    const end = (this.#incoming ?? this.#shown).end;
    return {
      first: this.#shown.first,
      end: this.#shown.end,
      held: holdReasons.find((reason) => this.#reasons.has(reason)) ?? null,
      fresh: end - this.#shown.end,
      total: end,
      zeroNs: this.#zeroNs ?? 0n,
    };
  }

  dispose(): void {
    this.#signal.dispose();
  }
}
