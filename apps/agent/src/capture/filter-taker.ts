import type { Engine } from "@sonde/bpf";
import type { FiltersAck, FiltersMessage } from "@sonde/protocol";
import type { Sampling } from "../sampling.ts";
import { type FilterTask, type Judged, refusalOf, refused } from "./filter-set.ts";

/** Sets that may wait for their turn; a hub sends one at a time. */
const MAX_WAITING = 8;

export type FilterTakerOptions = {
  readonly engine: Pick<Engine, "filterTarget" | "loadFilters">;
  /** Judges a set elsewhere; rejects when it cannot. */
  readonly judge: (task: FilterTask) => Promise<Judged>;
  /** The engine is about to forget what the set before the one in force counted. */
  readonly beforeLoad: () => void;
  /** What the budget lets pass of the rates asked for, when the set is loaded. */
  readonly limited: (rates: readonly Sampling[]) => readonly Sampling[];
  /** A set is in force: called before its answer is given. */
  readonly onInForce: (message: FiltersMessage) => void;
};

/**
 * Takes the hub's filter sets (SPEC 8.3–8.5), one after the other in the order they came: the last one stays. Each is
 * judged only once: the hub may give up on a connection meanwhile, and send the set again on the next.
 */
export class FilterTaker {
  readonly #options: FilterTakerOptions;
  #last: { readonly text: string; readonly answer: Promise<FiltersAck> } | null = null;
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
    const before: Promise<unknown> = this.#last?.answer ?? Promise.resolve();
    const answer = before.then(() => this.#install(message, text));
    this.#last = { text, answer };
    void answer.then((given) => {
      this.#waiting--;
      if (!isVerdict(given) && this.#last?.text === text) this.#last = { text: "", answer };
    });
    return answer;
  }

  /** No set is loaded any more; resolves when none is being loaded. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#last?.answer;
  }

  async #install(message: FiltersMessage, text: string): Promise<FiltersAck> {
    const { engine, judge, beforeLoad, limited, onInForce } = this.#options;
    try {
      if (this.#stopped) return stopping();
      const judged = await judge({ message: text, target: engine.filterTarget() });
      if (!judged.ok) return judged;
      if (this.#stopped) return stopping();
      beforeLoad();
      const { contexts } = await engine.loadFilters(judged.translated, limited(message.filters));
      onInForce(message);
      return { ok: true, report: { number: message.number, contexts: [...contexts], nsPerPacket: judged.nsPerPacket } };
    } catch (error) {
      return this.#stopped ? stopping() : refusalOf(error);
    }
  }
}

/** What says something about the set itself, and would be said again. */
const isVerdict = (answer: FiltersAck): boolean => answer.ok || answer.code.startsWith("FILTER_");

const stopping = (): FiltersAck => refused("UNAVAILABLE", "the agent is stopping");
