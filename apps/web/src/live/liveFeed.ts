import { ackSchema, liveMessageSchema } from "@sonde/protocol";
import type { CounterPosition, LiveMessage, ViewerMessage } from "@sonde/protocol";
import { asBytes } from "./bytes.ts";
import { ValueStore } from "./valueStore.ts";
import type { Schedule } from "./signal.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { SubscriptionAsk, SubscriptionListener } from "./subscriptions.ts";

/** The part of socket.io-client's Socket that the feed uses. */
export interface FeedSocket {
  readonly active: boolean;
  connect(): unknown;
  disconnect(): unknown;
  on(event: string, listener: (...args: never[]) => void): unknown;
  emit(event: string, message: unknown, ack: (error: unknown, reply?: unknown) => void): unknown;
}

/** The browser's line to the hub. `refused`: the hub turned it away and trying again will not help. */
export type Connection =
  | { readonly state: "idle" }
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "reconnecting"; readonly since: number }
  | { readonly state: "refused"; readonly code: string; readonly detail: string };

export type HostListener = {
  message(message: LiveMessage): void;
  batch(bytes: Uint8Array): void;
  /** How far it has the host's counters, for a connection that is made anew. */
  after(): CounterPosition | null;
  refused(code: string, detail: string): void;
};

/** Refusals after which the same request can only be refused again. */
const finalCodes = new Set(["NOT_SIGNED_IN", "FORBIDDEN", "BAD_ORIGIN"]);

export type FeedOptions = {
  readonly socket: FeedSocket;
  readonly schedule: Schedule;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Runs something in a few seconds, with jitter. */
  readonly later: (run: () => void) => void;
};

/**
 * One socket for the whole page. It connects with the first listener and leaves with the last; watches
 * are asked for again after every reconnect. What does not parse is counted and left out.
 */
export class LiveFeed {
  readonly connection: ValueStore<Connection>;
  /** Messages and batches that were left out because they did not parse. */
  readonly malformed: ValueStore<number>;
  /** The hub found this browser too slow, and sends summaries until it has caught up. */
  readonly coarse: ValueStore<boolean>;
  readonly #socket: FeedSocket;
  readonly #now: () => number;
  readonly #later: (run: () => void) => void;
  readonly #hosts = new Map<string, Set<HostListener>>();
  readonly #fleet = new Set<(message: LiveMessage) => void>();
  readonly #subscriptions = new Subscriptions();
  #connected = false;

  constructor(options: FeedOptions) {
    this.#socket = options.socket;
    this.#now = options.now;
    this.#later = options.later;
    this.connection = new ValueStore<Connection>(options.schedule, { state: "idle" });
    this.malformed = new ValueStore(options.schedule, 0);
    this.coarse = new ValueStore(options.schedule, false);
    this.#socket.on("connect", () => this.#onConnect());
    this.#socket.on("disconnect", () => this.#onLost());
    this.#socket.on("connect_error", (error: unknown) => this.#onError(error));
    this.#socket.on("message", (raw: unknown) => this.#onMessage(raw));
    this.#socket.on("batch", (hostId: unknown, raw: unknown) => this.#onBatch(hostId, raw));
    this.#socket.on("rows", (...args: readonly [unknown, unknown, unknown, unknown]) => {
      if (!this.#subscriptions.rows(...args)) this.malformed.update((count) => count + 1);
    });
  }

  /** Asks for one host's batches and messages. The disposer is idempotent. */
  watchHost(hostId: string, listener: HostListener): () => void {
    const listeners = this.#hosts.get(hostId) ?? new Set<HostListener>();
    listeners.add(listener);
    this.#hosts.set(hostId, listeners);
    if (listeners.size === 1) this.#watch(hostId, listeners);
    this.#open();
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.#hosts.delete(hostId);
      this.#send({ type: "unwatch", hostId });
      this.#closeIfUnused();
    };
  }

  /** Asks for the rates of all hosts and for word of changes. The disposer is idempotent. */
  watchFleet(listener: (message: LiveMessage) => void): () => void {
    this.#fleet.add(listener);
    if (this.#fleet.size === 1) this.#send({ type: "watch-fleet" });
    this.#open();
    return () => {
      if (!this.#fleet.delete(listener) || this.#fleet.size > 0) return;
      this.#send({ type: "unwatch-fleet" });
      this.#closeIfUnused();
    };
  }

  /** Asks for rows of some hosts (SPEC 7.4). The disposer is idempotent. */
  subscribe(ask: SubscriptionAsk, listener: SubscriptionListener): () => void {
    const id = this.#subscriptions.add(ask, listener);
    const message = this.#subscriptions.message(id);
    if (message !== null) this.#send(message);
    this.#open();
    return () => {
      if (!this.#subscriptions.remove(id)) return;
      this.#send({ type: "unsubscribe", id });
      this.#closeIfUnused();
    };
  }

  get #used(): boolean {
    return this.#hosts.size + this.#fleet.size + this.#subscriptions.size > 0;
  }

  /** Leaves the hub and tries again at once: after a sign-in, or when someone asks. */
  retry(): void {
    this.#socket.disconnect();
    this.connection.update(() => ({ state: "idle" }));
    this.#open();
  }

  #open(): void {
    if (this.#socket.active || !this.#used) return;
    this.connection.update(() => ({ state: "connecting" }));
    this.#socket.connect();
  }

  #closeIfUnused(): void {
    // A page change drops one listener and adds the next: look again once both have happened.
    queueMicrotask(() => {
      if (this.#used) return;
      this.#socket.disconnect();
      this.connection.update(() => ({ state: "idle" }));
    });
  }

  #onConnect(): void {
    this.#connected = true;
    this.coarse.update(() => false);
    this.connection.update(() => ({ state: "live" }));
    for (const [hostId, listeners] of this.#hosts) this.#watch(hostId, listeners);
    if (this.#fleet.size > 0) this.#send({ type: "watch-fleet" });
    for (const message of this.#subscriptions.messages()) this.#send(message);
  }

  #onLost(): void {
    this.#connected = false;
    if (!this.#used) return;
    this.connection.update((was) => (was.state === "refused" ? was : { state: "reconnecting", since: this.#now() }));
    // socket.io does not reconnect by itself after a disconnect by the hub.
    if (!this.#socket.active) this.#later(() => this.#reopen());
  }

  #onError(error: unknown): void {
    const refusal = refusalOf(error);
    if (refusal !== null && finalCodes.has(refusal.code)) {
      this.connection.update(() => ({ state: "refused", ...refusal }));
      this.#socket.disconnect();
      return;
    }
    this.connection.update((was) => (was.state === "reconnecting" ? was : { state: "reconnecting", since: this.#now() }));
    // A refusal by the hub's own middleware ends socket.io's automatic reconnection.
    if (!this.#socket.active) this.#later(() => this.#reopen());
  }

  #reopen(): void {
    if (this.connection.snapshot().state === "reconnecting" && !this.#socket.active) this.#socket.connect();
  }

  /** Of several listeners the one that has least decides from where the counters go on; one that has none begins anew. */
  #watch(hostId: string, listeners: ReadonlySet<HostListener>): void {
    const all = [...listeners].map((one) => one.after());
    const [after = null] = all.includes(null) ? [] : all.toSorted((a, b) => (BigInt(a!.lastNs) < BigInt(b!.lastNs) ? -1 : 1));
    this.#send({ type: "watch", hostId, ...(after && { after }) });
  }

  #send(message: ViewerMessage): void {
    if (!this.#connected) return;
    this.#socket.emit("message", message, (error, reply) => {
      if (message.type !== "watch" && message.type !== "subscribe") return;
      const parsed = ackSchema.safeParse(reply);
      if (error !== null && error !== undefined) return;
      if (!parsed.success || parsed.data.ok) return;
      const { code, detail } = parsed.data;
      if (message.type === "subscribe") return this.#subscriptions.refused(message.id, code, detail);
      for (const listener of this.#hosts.get(message.hostId) ?? []) listener.refused(code, detail);
    });
  }

  #onMessage(raw: unknown): void {
    const parsed = liveMessageSchema.safeParse(raw);
    if (!parsed.success) {
      this.malformed.update((count) => count + 1);
      return;
    }
    const message = parsed.data;
    if (message.type === "coarse") this.coarse.update(() => message.on);
    for (const listener of [...this.#fleet]) listener(message);
    this.#subscriptions.told(message);
    if (!("hostId" in message)) return;
    for (const listener of [...(this.#hosts.get(message.hostId) ?? [])]) listener.message(message);
  }

  #onBatch(hostId: unknown, raw: unknown): void {
    const bytes = asBytes(raw);
    const listeners = typeof hostId === "string" ? this.#hosts.get(hostId) : undefined;
    if (bytes === null || typeof hostId !== "string") this.malformed.update((count) => count + 1);
    else for (const listener of [...(listeners ?? [])]) listener.batch(bytes);
  }
}

function refusalOf(error: unknown): { code: string; detail: string } | null {
  if (!(error instanceof Error) || !("data" in error)) return null;
  const data = error.data;
  if (typeof data !== "object" || data === null || !("code" in data) || typeof data.code !== "string") return null;
  return { code: data.code, detail: "detail" in data && typeof data.detail === "string" ? data.detail : error.message };
}
