import type { Engine } from "@sonde/bpf";
import type { AgentStatus, FiltersAck, FiltersMessage } from "@sonde/protocol";
import type { FilterJudge } from "../capture/filter-judge.ts";
import { FilterTaker } from "../capture/filter-taker.ts";
import { Budget, type Decision } from "../pipeline/budget.ts";
import { Governor, type GovernorOptions } from "../pipeline/governor.ts";
import { Rates } from "../pipeline/rates.ts";
import type { Sampling, Totals } from "../sampling.ts";
import type { EventLog } from "./event-log.ts";

export type RecordingOptions = Omit<GovernorOptions, "budget"> & {
  readonly engine: Pick<Engine, "filterTarget" | "loadFilters" | "setRates">;
  /** What batches are stamped with from now on. */
  readonly setBatchSampling: (sampling: Sampling) => void;
  readonly judge: FilterJudge;
  readonly beforeLoad: () => void;
  readonly events: Pick<EventLog, "filters" | "budget">;
  /** N and snaplen while no filter is active, the least N with a budget. */
  readonly builtIn: Sampling;
  /** Records per second; null: N is what was asked for. */
  readonly budget: number | null;
};

/** What is recorded: the active filters, each with the N and snaplen that the budget lets pass. */
export class Recording {
  readonly #options: RecordingOptions;
  readonly #rates: Rates;
  readonly #taker: FilterTaker;
  #governor: Governor | null;
  #decision: Decision | null = null;
  #judging = 0;
  /** Number of the set in force. */
  #set = 0;

  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#rates = new Rates(options.builtIn);
    this.#governor = options.budget === null ? null : new Governor({ ...options, budget: new Budget(options.budget) });
    this.#taker = new FilterTaker({
      engine: options.engine,
      beforeLoad: options.beforeLoad,
      judge: (task) => options.judge.judge(task),
      limited: (rates) => this.#rates.limited(rates),
      onInForce: (message) => {
        this.#set = message.number;
        this.#rates.setFilters(message.number, message.filters);
        this.#apply();
      },
    });
  }

  get set(): number {
    return this.#set;
  }

  get status(): Pick<AgentStatus, "sampleN" | "snaplen" | "budget"> {
    const { budget } = this.#options;
    if (budget === null || this.#decision === null) return this.#rates.batch;
    const { sampleN, step } = this.#decision;
    return { ...this.#rates.batch, budget: { recordsPerSecond: budget, sampleN, step } };
  }

  /** The hub fixes N: the budget has no say any more. */
  fix(sampling: Sampling): void {
    this.#governor = null;
    this.#decision = null;
    this.#rates.setBuiltIn(sampling);
    this.#rates.setLimit({ sampleN: 1, snaplen: 4096 });
    this.#apply();
  }

  /** Never rejects. */
  async filters(message: FiltersMessage): Promise<FiltersAck> {
    this.#judging++;
    this.#governor?.excuse();
    const answer = await this.#taker.take(message);
    this.#judging--;
    this.#options.events.filters(message, answer);
    return answer;
  }

  /** The end of a control period, about a second. */
  counted(totals: Totals): void {
    if (this.#governor === null) return;
    const decision = this.#governor.tick(totals, this.#rates.asked);
    if (this.#judging > 0) this.#governor.excuse();
    const before = this.#decision?.step ?? "full";
    this.#decision = decision;
    if (decision.step !== before) this.#options.events.budget(decision);
    if (this.#rates.setLimit(decision)) this.#apply();
  }

  /** Ends judgements; no filter set is loaded any more. */
  async stop(): Promise<void> {
    const stopped = this.#taker.stop();
    await this.#options.judge.stop();
    await stopped;
  }

  #apply(): void {
    this.#options.engine.setRates(this.#rates.inForce);
    this.#options.setBatchSampling(this.#rates.batch);
  }
}
