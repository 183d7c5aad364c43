import type { Engine } from "@sonde/bpf";
import type { FiltersAck, FiltersMessage } from "@sonde/protocol";
import type { Sampling } from "../sampling.ts";
import { type FilterTask, type Judged, refusalOf, refused } from "./filter-set.ts";

/** Sets that may wait for their turn; a hub sends one at a time. */
const MAX_WAITING = 8;

export type FilterTakerOptions = {
  readonly engine: Pick<Engine, "filterTarget" | "loadFilters" | "replaceFilters">;
  /** Judges a set elsewhere; rejects when it cannot. */
  readonly judge: (task: FilterTask) => Promise<Judged>;
  /** The set as it is to be loaded now: without what has ended of it. */
  readonly prepared: (message: FiltersMessage) => FiltersMessage;
  /** The engine is about to forget what the set before the one in force counted, and records of this one may come. */
  readonly beforeLoad: (message: FiltersMessage) => void;
  /** What budget and limits let pass of the rates asked for, when the set is loaded. */
  readonly limited: (message: FiltersMessage) => readonly Sampling[];
  /** A set is in force: called before its answer is given. */
  readonly onInForce: (message: FiltersMessage) => void;
  /** Programs of the set in force were replaced. */
  readonly onReplaced: () => void;
  /** What has ended of the set in force could not be taken out of it. */
  readonly onTrouble: (reason: string) => void;
};

/**
 * Takes the hub's filter sets (SPEC 8.3–8.5), one after the other in the order they came: the last one stays. Each is
 * judged only once: the hub may give up on a connection meanwhile, and send the set again on the next.
 */
export class FilterTaker {
  readonly #options: FilterTakerOptions;
  #last: { readonly text: string; readonly answer: Promise<FiltersAck> } | null = null;
  /** Ends when all that was asked for is done. */
  #done: Promise<unknown> = Promise.resolve();
  /** In force, and as it was loaded. */
  #held: { readonly message: FiltersMessage; readonly text: string } | null = null;
  #waiting = 0;
  #stopped = false;

  constructor(options: FilterTakerOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  take(message: FiltersMessage): Promise<FiltersAck> {
    const text = JSON.stringify(message);
    if (this.#last?.text === text) return this.#last.answer;
    if (this.#waiting === MAX_WAITING) return Promise.resolve(refused("BUSY", `${MAX_WAITING} filter sets are waiting already`));
    this.#waiting++;
    const answer = this.#done.then(() => this.#install(message));
    this.#done = answer;
    this.#last = { text, answer };
    void answer.then((given) => {
      this.#waiting--;
      if (!isVerdict(given) && this.#last?.text === text) this.#last = { text: "", answer };
    });
    return answer;
  }

  /** Something of the set in force has ended: its programs are replaced, bits and number stay. */
  refresh(): void {
    this.#done = this.#done.then(() => this.#replace());
  }

  /** No set is loaded any more; resolves when none is being loaded. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #install(message: FiltersMessage): Promise<FiltersAck> {
    const { engine, judge, prepared, beforeLoad, limited, onInForce } = this.#options;
    try {
      if (this.#stopped) return stopping();
      const text = JSON.stringify(prepared(message));
      const judged = await judge({ message: text, target: engine.filterTarget() });
      if (!judged.ok) return judged;
      if (this.#stopped) return stopping();
      beforeLoad(message);
      const { contexts } = await engine.loadFilters(judged.translated, limited(message));
      this.#held = { message, text };
      onInForce(message);
      return { ok: true, report: { number: message.number, contexts: [...contexts], nsPerPacket: judged.nsPerPacket } };
    } catch (error) {
      return this.#stopped ? stopping() : refusalOf(error);
    }
  }

  async #replace(): Promise<void> {
    const { engine, judge, prepared, onReplaced, onTrouble } = this.#options;
    if (this.#held === null || this.#stopped) return;
    const { message } = this.#held;
    const text = JSON.stringify(prepared(message));
    if (text === this.#held.text) return;
    try {
      const judged = await judge({ message: text, target: engine.filterTarget("present"), replaces: true });
      if (this.#stopped) return;
      if (!judged.ok) return onTrouble(judged.detail);
      await engine.replaceFilters(judged.translated);
      this.#held = { message, text };
      onReplaced();
    } catch (error) {
      if (!this.#stopped) onTrouble(error instanceof Error ? error.message : String(error));
    }
  }
}

/** What says something about the set itself, and would be said again. */
const isVerdict = (answer: FiltersAck): boolean => answer.ok || answer.code.startsWith("FILTER_");

const stopping = (): FiltersAck => refused("UNAVAILABLE", "the agent is stopping");
