import type { AgentResume, BatchKindName } from "@sonde/protocol";
import type { EarlierRun } from "../kept.ts";
import { EarlierStream } from "./earlier.ts";
import type { BatchQueue } from "./queue.ts";
import type { Committed, Outgoing } from "./queue-types.ts";

export type OutboxOptions = {
  readonly hostId: string;
  readonly queue: BatchQueue;
  /** The earliest run that has left something on disk. */
  readonly earliest: () => EarlierRun | null;
};

/** Of this many batches in a row one comes from disk, however many new ones wait (SPEC 4.12). */
const TURN = 4;

/**
 * All that is to be sent: new batches of the run in progress, then what was kept on disk, of earlier runs first. What was
 * kept leaves a quarter of the window free, so that a new batch need not wait for an answer.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #earlier: EarlierStream | null = null;
  /** New batches sent since one from disk was. */
  #inTurn = 0;
  #answers = 0;
  #answersBefore = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get stats(): { readonly held: number; readonly inFlight: number } {
    const { held, inFlight } = this.#options.queue.stats;
    return { held, inFlight: inFlight + (this.#earlier?.inFlight ?? 0) };
  }

  next(window: number): Outgoing | null {
    const { queue } = this.#options;
    const inFlight = this.stats.inFlight;
    if (inFlight >= window) return null;
    const keptInFlight = queue.keptInFlight + (this.#earlier?.inFlight ?? 0);
    const mayKept = keptInFlight < Math.max(1, window - Math.ceil(window / TURN));
    if (mayKept && this.#inTurn >= TURN - 1) {
      const kept = this.#nextKept();
      if (kept !== null) return kept;
    }
    const fresh = queue.next(Infinity);
    if (fresh !== null) {
      this.#inTurn++;
      return fresh;
    }
    return mayKept ? this.#nextKept() : null;
  }

  acknowledge(out: Outgoing): void {
    this.#answers++;
    if (this.#isEarlier(out)) this.#settleEarlier(out);
    else this.#options.queue.acknowledge(out.kind, out.sequence);
  }

  refuse(out: Outgoing): void {
    this.#answers++;
    if (this.#isEarlier(out)) this.#settleEarlier(out);
    else this.#options.queue.refuse(out.kind, out.sequence);
  }

  /** Nothing is in flight any more. */
  rewind(): void {
    this.#options.queue.rewind();
    this.#earlier?.rewind();
  }

  /** A connection begins; false as BatchQueue.resume(). */
  resume(committed: Committed): boolean {
    this.#earlier?.suspend();
    return this.#options.queue.resume(committed);
  }

  /** What the hub must be asked before anything of an earlier run can leave; null when nothing is. */
  earlier(): AgentResume | null {
    if (this.#earlier === null) {
      const run = this.#options.earliest();
      if (run === null) return null;
      this.#earlier = new EarlierStream(run, this.#options.hostId);
    }
    return this.#earlier.open ? null : this.#earlier.message();
  }

  /** The hub's answer to it. False when the disk refuses: not on this connection. */
  resumeEarlier(committed: Committed): boolean {
    const open = this.#earlier?.resume(committed) ?? false;
    this.#tidy();
    return open;
  }

  /** The hub is away, or back. */
  setAway(away: boolean): void {
    this.#options.queue.setAway(away);
  }

  /** Each second: what waits for an answer that does not come is written to disk. */
  tick(): void {
    if (this.stats.inFlight > 0 && this.#answers === this.#answersBefore) this.#options.queue.secure();
    this.#answersBefore = this.#answers;
  }

  #nextKept(): Outgoing | null {
    const earlier = this.#earlier?.next() ?? null;
    if (earlier === null) this.#tidy(); // nothing of it could be read
    const kept = earlier ?? this.#options.queue.nextKept();
    if (kept !== null) this.#inTurn = 0;
    return kept;
  }

  #isEarlier({ stream }: Outgoing): boolean {
    return this.#earlier !== null && stream === this.#earlier.stream;
  }

  #settleEarlier({ kind, sequence }: { readonly kind: BatchKindName; readonly sequence: bigint }): void {
    this.#earlier?.settle(kind, sequence);
    this.#tidy();
  }

  /** An earlier run of which everything has arrived is forgotten; the next one's turn comes. */
  #tidy(): void {
    if (this.#earlier?.finished !== true) return;
    this.#earlier.remove();
    this.#earlier = null;
  }
}
