import type { BatchHeader, CounterPosition } from "@sonde/protocol";
import type { Clock } from "../clock.ts";
import type { CountersSince } from "../store/counters-since.ts";

/** What one browser has of one host's counters. */
type Position = { readonly bootId: string; readonly stream: bigint; readonly sequence: bigint; readonly lastNs: bigint };

export type CounterLineOptions = {
  readonly hostId: string;
  /** What the browser has already; null when it begins. */
  readonly after: CounterPosition | null;
  /** Hands a batch to the browser; false when it is too slow for it. */
  readonly send: (bytes: Uint8Array) => boolean;
  /** Tells it that what the store held is complete up to here. */
  readonly tell: (position: CounterPosition) => void;
  /** Reads what is stored since an interval; rejects when the database does not answer. */
  readonly read: (hostId: string, after: { readonly bootId: string; readonly lastNs: bigint }) => Promise<CountersSince | null>;
  readonly clock: Clock;
};

/** Live batches that wait while the store is read. */
const MAX_HELD = 64;
const MAX_HELD_BYTES = 512 * 1024;
const RETRY_MS = [200, 500, 1000, 2000] as const;

type Held = { readonly header: BatchHeader; readonly bytes: Uint8Array };

/**
 * The counters of one host on their way to one browser, without gap and without double (SPEC 7.6): batches of a stream
 * go through in sequence. Where one is missing, because the browser was away or too slow or the hub restarted, what is
 * stored since the last interval it had is sent first, and live goes on behind the last batch that this includes.
 */
export class CounterLine {
  readonly #options: CounterLineOptions;
  #position: Position | null;
  /** Something was left out: the next batch does not follow. */
  #behind: boolean;
  /** Live batches that wait for the store; null when none are being waited for. */
  #held: Held[] | null = null;
  #heldBytes = 0;
  #attempt = 0;
  #stopTimer: () => void = () => {};
  #closed = false;

  constructor(options: CounterLineOptions) {
    this.#options = options;
    const { after } = options;
    this.#position = after && {
      bootId: after.bootId,
      stream: BigInt(after.stream),
      sequence: BigInt(after.sequence),
      lastNs: BigInt(after.lastNs),
    };
    this.#behind = after !== null;
  }

  /** Sends at once what was missed, when there is something to go on from. */
  start(): void {
    if (this.#behind) this.#fill();
  }

  /** A live batch of counters of the host. */
  take(header: BatchHeader, bytes: Uint8Array): void {
    if (this.#held !== null) return this.#hold(header, bytes);
    if (this.#isKnown(header)) return;
    if (this.#behind || !this.#follows(header)) {
      this.#fill();
      return this.#hold(header, bytes);
    }
    this.#pass(header, bytes);
  }

  /** A batch of the host is left out: the browser is too slow just now. */
  skip(): void {
    this.#behind = this.#position !== null;
  }

  /** The browser keeps up again. */
  resume(): void {
    if (this.#behind && this.#held === null) this.#fill();
  }

  close(): void {
    this.#closed = true;
    this.#stopTimer();
  }

  /** Sent already; or of an earlier run, which may still hand over what it kept, and is not shown live. */
  #isKnown({ bootId, stream, sequence, lastNs }: BatchHeader): boolean {
    const position = this.#position;
    if (position === null || bootId !== position.bootId) return false;
    return stream === position.stream ? sequence <= position.sequence : lastNs <= position.lastNs;
  }

  #follows({ stream, sequence }: BatchHeader): boolean {
    const position = this.#position;
    if (position === null) return true;
    return stream === position.stream ? sequence === position.sequence + 1n : sequence === 1n;
  }

  #pass(header: BatchHeader, bytes: Uint8Array): void {
    if (!this.#options.send(bytes)) return this.skip();
    const { bootId, stream, sequence } = header;
    const before = this.#position?.bootId === bootId ? this.#position.lastNs : 0n;
    this.#position = { bootId, stream, sequence, lastNs: header.lastNs > before ? header.lastNs : before };
  }

  #hold(header: BatchHeader, bytes: Uint8Array): void {
    const held = (this.#held ??= []);
    held.push({ header, bytes });
    this.#heldBytes += bytes.byteLength;
    // The oldest are in the store soonest: what is left out here the next reading brings.
    while (held.length > MAX_HELD || this.#heldBytes > MAX_HELD_BYTES) this.#heldBytes -= held.shift()?.bytes.byteLength ?? 0;
  }

  #fill(): void {
    this.#held ??= [];
    const { hostId, read } = this.#options;
    read(hostId, this.#position ?? { bootId: "", lastNs: 0n }).then(
      (found) => this.#closed || this.#filled(found),
      () => this.#closed || this.#later(),
    );
  }

  #later(): void {
    const ms = RETRY_MS[Math.min(this.#attempt++, RETRY_MS.length - 1)]!;
    this.#stopTimer = this.#options.clock.after(ms, () => this.#fill());
  }

  #filled(found: CountersSince | null): void {
    this.#behind = false;
    if (found === null) this.#position = null;
    else if (!this.#catchUp(found)) return this.#endHold();
    const held = this.#held ?? [];
    for (let next = held[0]; next !== undefined; next = held[0]) {
      if (this.#isKnown(next.header)) {
        this.#drop(held);
        continue;
      }
      // It is on its way into the store, or what is before it is.
      if (!this.#follows(next.header)) return this.#later();
      this.#drop(held);
      this.#pass(next.header, next.bytes);
      if (this.#behind) return this.#endHold();
    }
    this.#endHold();
  }

  #drop(held: Held[]): void {
    this.#heldBytes -= held.shift()?.bytes.byteLength ?? 0;
  }

  #endHold(): void {
    this.#held = null;
    this.#heldBytes = 0;
    this.#attempt = 0;
  }

  /** Sends what the store has; false when the browser is too slow for it, which changes nothing: it is sent again. */
  #catchUp({ bootId, stream, sequence, batches, lastNs }: CountersSince): boolean {
    const { hostId, send, tell } = this.#options;
    const before = this.#position;
    // What was shown live may not be committed yet: then the browser is ahead of the store.
    if (before !== null && before.bootId === bootId && before.stream === stream && before.sequence >= sequence) return true;
    for (const bytes of batches) {
      if (send(bytes)) continue;
      this.#behind = true;
      return false;
    }
    const sameBoot = before?.bootId === bootId;
    this.#position = { bootId, stream, sequence, lastNs: sameBoot && before.lastNs > lastNs ? before.lastNs : lastNs };
    tell({ hostId, bootId, stream: `${stream}`, sequence: `${sequence}`, lastNs: `${this.#position.lastNs}` });
    return true;
  }
}
