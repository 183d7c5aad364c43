import { tallySchema } from "@sonde/protocol";
import type { LiveMessage, Subscribe, Tally, ViewerMessage } from "@sonde/protocol";
import { asBytes } from "./bytes.ts";

export type SubscriptionAsk = Pick<Subscribe, "hosts" | "filter" | "maxPerSecond" | "kinds">;
export type SubscriptionListener = {
  /** A batch of rows, and how many came, matched and were shown since it was last told. */
  rows(hostId: string, bytes: Uint8Array, tally: Tally): void;
  tally(tally: Tally): void;
  /** Everything else that the hub tells. */
  message(message: LiveMessage): void;
  refused(code: string, detail: string): void;
};

/** What one page subscribed to (SPEC 7.4); asked for anew after each reconnect. */
export class Subscriptions {
  readonly #all = new Map<string, { readonly ask: SubscriptionAsk; readonly listener: SubscriptionListener }>();
  #made = 0;

  get size(): number {
    return this.#all.size;
  }

  /** Notes a subscription; gives its name. */
  add(ask: SubscriptionAsk, listener: SubscriptionListener): string {
    const id = `page-${++this.#made}`;
    this.#all.set(id, { ask, listener });
    return id;
  }
  /** False when it was gone already. */
  remove(id: string): boolean {
    return this.#all.delete(id);
  }

  /** What to send to have it, or all of them. */
  message(id: string): ViewerMessage | null {
    const one = this.#all.get(id);
    return one === undefined ? null : { type: "subscribe", id, after: [], ...one.ask };
  }
  messages(): ViewerMessage[] {
    return [...this.#all.keys()].map((id) => this.message(id)).filter((one) => one !== null);
  }

  /** The event "rows"; false when it is not understood. */
  rows(id: unknown, hostId: unknown, raw: unknown, rawTally: unknown): boolean {
    const bytes = asBytes(raw);
    const tally = tallySchema.safeParse(rawTally);
    if (typeof id !== "string" || typeof hostId !== "string" || bytes === null || !tally.success) return false;
    this.#all.get(id)?.listener.rows(hostId, bytes, tally.data);
    return true;
  }
  told(message: LiveMessage): void {
    if (message.type === "tally") {
      const { seen, matched, shown } = message;
      return this.#all.get(message.id)?.listener.tally({ seen, matched, shown });
    }
    for (const { listener } of [...this.#all.values()]) listener.message(message);
  }
  refused(id: string, code: string, detail: string): void {
    this.#all.get(id)?.listener.refused(code, detail);
  }
}
