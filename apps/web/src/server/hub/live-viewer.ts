import type { HostRates, LiveMessage } from "@sonde/protocol";
import type { Socket } from "socket.io";
import type { Clock } from "../clock.ts";
import { bufferedBytes, cutOff } from "./buffered-bytes.ts";
import { countOne, type HubCounters } from "./counters.ts";
import type { Subscription } from "./live-subscription.ts";

/** A browser that takes nothing for so long is not reading. */
const SILENT_MS = 60_000;

export type LiveViewerOptions = {
  readonly socket: Socket;
  /** Most bytes that may wait for this browser. */
  readonly limit: () => number;
  readonly counters: HubCounters;
  readonly clock: Clock;
  readonly rates: (hostId: string) => HostRates;
};

/** One browser: what it asked for, and how much of it may be sent while earlier bytes wait (SPEC 7.5). */
export class LiveViewer {
  readonly socket: Socket;
  readonly subscriptions = new Map<string, Subscription>();
  fleet = false;
  readonly #options: LiveViewerOptions;
  /** Too slow for rows since, and bytes that waited when it last took some; null while it keeps up. */
  #coarse: { at: number; waiting: number } | null = null;

  constructor(options: LiveViewerOptions) {
    this.socket = options.socket;
    this.#options = options;
  }

  get coarse(): boolean {
    return this.#coarse !== null;
  }

  get waiting(): number {
    return bufferedBytes(this.socket.conn);
  }

  /** Sends an event that carries a batch. False when too much waits: from then on the browser gets summaries until it has drained. */
  send(bytes: Uint8Array, event: string, ...args: readonly unknown[]): boolean {
    if (this.#coarse !== null) return false;
    const { waiting } = this;
    if (waiting + bytes.byteLength <= this.#options.limit()) {
      this.socket.emit(event, ...args);
      return true;
    }
    this.#coarse = { at: this.#options.clock.now(), waiting };
    this.#options.counters.viewersCoarse++;
    return false;
  }

  /** Even messages are not heaped up without end for a browser that reads nothing. */
  tell(message: LiveMessage): void {
    if (this.waiting <= 2 * this.#options.limit()) this.socket.emit("message", message);
  }

  /** Once a second: summaries while it is too slow, rows again once it has drained, its end when it reads nothing at all. */
  tick(): void {
    const coarse = this.#coarse;
    if (coarse === null) return;
    const { waiting } = this;
    const now = this.#options.clock.now();
    if (waiting <= this.#options.limit() / 8) {
      this.#coarse = null;
      this.tell({ type: "coarse", on: false, hosts: [] });
      for (const one of this.subscriptions.values()) one.resume();
      return;
    }
    if (waiting < coarse.waiting) this.#coarse = { at: now, waiting };
    else if (now - coarse.at > SILENT_MS) {
      countOne(this.#options.counters.viewersEnded, "silent");
      cutOff(this.socket.conn);
      return;
    }
    if (waiting > this.#options.limit()) return; // a summary behind all this would only come later
    const hosts = new Set([...this.subscriptions.values()].flatMap((one) => one.named));
    this.tell({ type: "coarse", on: true, hosts: [...hosts].slice(0, 64).map(this.#options.rates) });
  }
}
