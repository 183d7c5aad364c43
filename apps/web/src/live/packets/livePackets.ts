import { BatchKind, checkBatch, viewOf } from "@sonde/protocol";
import type { Tally } from "@sonde/protocol";
import type { LiveFeed } from "../liveFeed.ts";
import type { Schedule } from "../signal.ts";
import type { SubscriptionAsk } from "../subscriptions.ts";
import { ValueStore } from "../valueStore.ts";
import type { LiveHost } from "./messages.ts";

/** Why the list stands still, the strongest first. */
export const liveHolds = ["paused", "walking", "scrolled", "pointer"] as const;
export type LiveHold = (typeof liveHolds)[number];

/** What is so of the packets that are watched. */
export type LiveState = Tally & {
  readonly held: LiveHold | null;
  /** Records that came while it was held. */
  readonly fresh: number;
  /** Records of them that were let go: no more are kept while it stands still. */
  readonly letGo: number;
  /** Batches that failed the check of SPEC 2. */
  readonly bad: number;
  readonly refused: { readonly code: string; readonly detail: string } | null;
};

/** Bytes that wait at most while the list stands still. */
const MAX_WAITING = 64 * 1024 * 1024;
const begun: LiveState = { seen: 0, matched: 0, shown: 0, held: null, fresh: 0, letGo: 0, bad: 0, refused: null };

export type LivePacketsOptions = {
  readonly feed: Pick<LiveFeed, "subscribe">;
  readonly ask: SubscriptionAsk;
  /** Takes a batch, which is given away. */
  readonly append: (host: LiveHost, batch: ArrayBuffer) => void;
  /** What is known of a host. */
  readonly hostOf: (id: string) => Omit<LiveHost, "id" | "offsetNs"> | null;
  readonly schedule: Schedule;
  /** Nanoseconds since 1970: for hosts whose clock the hub has not told yet. */
  readonly nowNs: () => bigint;
};

/** Packets of chosen hosts on their way into the table; while the list stands still they wait here. */
export class LivePackets {
  readonly state: ValueStore<LiveState>;
  readonly #options: LivePacketsOptions;
  readonly #held = new Set<LiveHold>();
  readonly #offsets = new Map<string, bigint>();
  #waiting: { readonly hostId: string; readonly batch: ArrayBuffer; readonly offsetNs: bigint }[] = [];
  #waitingBytes = 0;

  constructor(options: LivePacketsOptions) {
    this.#options = options;
    this.state = new ValueStore(options.schedule, begun);
  }

  /** Starts watching. The disposer is idempotent. */
  start(): () => void {
    const { feed, ask } = this.#options;
    const stop = feed.subscribe(ask, {
      rows: (hostId, bytes, tally) => {
        this.#add(tally);
        this.#rows(hostId, bytes);
      },
      tally: (tally) => this.#add(tally),
      message: (message) => {
        if (message.type === "clock" && /^-?[0-9]{1,19}$/.test(message.bootToWallNs))
          this.#offsets.set(message.hostId, BigInt(message.bootToWallNs));
      },
      refused: (code, detail) => this.state.update((was) => ({ ...was, refused: { code, detail } })),
    });
    return () => {
      stop();
      this.state.dispose();
    };
  }

  hold(reason: LiveHold): void {
    this.#held.add(reason);
    this.#tell();
  }
  /** With the last reason gone, what waited goes into the table. */
  release(...reasons: readonly LiveHold[]): void {
    for (const reason of reasons) this.#held.delete(reason);
    if (this.#held.size === 0) {
      for (const { hostId, batch, offsetNs } of this.#waiting) this.#give(hostId, batch, offsetNs);
      this.#waiting = [];
      this.#waitingBytes = 0;
      this.state.update((was) => ({ ...was, fresh: 0 }));
    }
    this.#tell();
  }

  #rows(hostId: string, bytes: Uint8Array): void {
    const checked = checkBatch(viewOf(bytes));
    if (!checked.ok || checked.value.kind !== BatchKind.records || checked.value.hostId !== hostId) {
      this.state.update((was) => ({ ...was, bad: was.bad + 1 }));
      return;
    }
    const { count, lastNs } = checked.value;
    // Until the hub tells how the host's clock runs, its newest record is from just now.
    const offsetNs = this.#offsets.get(hostId) ?? this.#options.nowNs() - lastNs;
    this.#offsets.set(hostId, offsetNs);
    const batch = new ArrayBuffer(bytes.byteLength); // the socket's own buffer may be a part of a larger one
    new Uint8Array(batch).set(bytes);
    if (this.#held.size === 0) return this.#give(hostId, batch, offsetNs);
    const fits = this.#waitingBytes + batch.byteLength <= MAX_WAITING;
    if (fits) {
      this.#waiting.push({ hostId, batch, offsetNs });
      this.#waitingBytes += batch.byteLength;
    }
    this.state.update((was) => ({ ...was, fresh: was.fresh + count, letGo: was.letGo + (fits ? 0 : count) }));
  }

  #give(id: string, batch: ArrayBuffer, offsetNs: bigint): void {
    const known = this.#options.hostOf(id) ?? { name: id, labels: {}, interfaces: new Map<number, string>() };
    this.#options.append({ id, ...known, offsetNs }, batch);
  }

  #add(tally: Tally): void {
    this.state.update((was) => ({
      ...was,
      seen: was.seen + tally.seen,
      matched: was.matched + tally.matched,
      shown: was.shown + tally.shown,
    }));
  }

  #tell(): void {
    const held = liveHolds.find((reason) => this.#held.has(reason)) ?? null;
    this.state.update((was) => (was.held === held ? was : { ...was, held }));
  }
}
