import type { Engine } from "@sonde/bpf";
import type { AgentStatus, CaptureProgress, FiltersAck, FiltersMessage } from "@sonde/protocol";
import type { FilterJudge } from "../capture/filter-judge.ts";
import { withoutEnded } from "../capture/filter-set.ts";
import { FilterTaker } from "../capture/filter-taker.ts";
import type { HostLimits } from "../control/limits.ts";
import { Budget, type Decision } from "../pipeline/budget.ts";
import { Captures, type CapturesOptions } from "../pipeline/captures.ts";
import type { CutBatch } from "../pipeline/cut-records.ts";
import { Governor, type GovernorOptions } from "../pipeline/governor.ts";
import { Rates } from "../pipeline/rates.ts";
import type { AskedRate, Sampling, Totals } from "../sampling.ts";
import type { EventLog } from "./event-log.ts";

export type RecordingOptions = Omit<GovernorOptions, "budget"> &
  Pick<CapturesOptions, "bootNs" | "after"> & {
    readonly engine: Pick<Engine, "filterTarget" | "loadFilters" | "replaceFilters" | "setRates">;
    /** What batches are stamped with from now on. */
    readonly setBatchSampling: (sampling: Sampling) => void;
    readonly judge: FilterJudge;
    readonly beforeLoad: () => void;
    readonly events: Pick<EventLog, "filters" | "budget" | "captures">;
    /** What may leave this host, as its own file says now. */
    readonly limits: () => HostLimits;
    /** Something of `status` changed that the hub is to hear of at once. */
    readonly onChange: () => void;
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
  readonly #captures: Captures;
  #governor: Governor | null;
  #decision: Decision | null = null;
  #judging = 0;
  /** In force; null is the built-in set. */
  #message: FiltersMessage | null = null;

  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#rates = new Rates(options.builtIn, options.limits().snaplen);
    this.#governor = options.budget === null ? null : new Governor({ ...options, budget: new Budget(options.budget) });
    this.#captures = new Captures({ bootNs: options.bootNs, after: options.after, onEnded: () => this.#onEnded() });
    this.#taker = new FilterTaker({
      engine: options.engine,
      prepared: (message) => withoutEnded(message, (filter) => this.#captures.hasEnded(filter)),
      beforeLoad: (message) => {
        options.beforeLoad();
        this.#captures.expect(message);
      },
      judge: (task) => options.judge.judge(task),
      limited: (message) => this.#rates.limited(this.#asked(message)),
      onInForce: (message) => {
        this.#message = message;
        this.#captures.inForce(message);
        this.#onEnded();
      },
      onReplaced: options.onChange,
      onTrouble: (reason) => options.events.captures(this.#progress, reason),
    });
  }

  get set(): number {
    return this.#message?.number ?? 0;
  }

  get status(): Pick<AgentStatus, "sampleN" | "snaplen" | "budget" | "captures"> {
    const { budget } = this.#options;
    const captures = this.#progress;
    const held = { ...this.#rates.batch, ...(captures.length === 0 ? {} : { captures: [...captures] }) };
    if (budget === null || this.#decision === null) return held;
    const { sampleN, step } = this.#decision;
    return { ...held, budget: { recordsPerSecond: budget, sampleN, step } };
  }

  /** What of a record batch may leave: captures keep to their limits. */
  cut(batch: Uint8Array, records: number): CutBatch {
    return this.#captures.cut(batch, records);
  }

  /** The hub fixes N: the budget has no say any more. */
  fix(sampling: Sampling): void {
    this.#governor = null;
    this.#decision = null;
    this.#rates.setBuiltIn(sampling);
    this.#rates.setLimit();
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
    this.#captures.expire();
    if (this.#rates.setMaxSnaplen(this.#options.limits().snaplen)) {
      this.#apply();
      this.#options.onChange();
    }
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
    this.#captures.stop();
    const stopped = this.#taker.stop();
    await this.#options.judge.stop();
    await stopped;
  }

  /** A set came, or something of it ended. */
  #onEnded(): void {
    if (this.#message === null) return;
    this.#rates.setFilters(this.#message.number, this.#asked(this.#message));
    this.#apply();
    this.#taker.refresh();
    this.#options.events.captures(this.#progress);
    this.#options.onChange();
  }

  #asked({ filters }: FiltersMessage): readonly AskedRate[] {
    return filters.map((filter) => {
      const { sampleN, snaplen, capture } = filter;
      return capture === undefined
        ? { sampleN, snaplen }
        : { sampleN, snaplen, kind: this.#captures.hasEnded(filter) ? "ended" : "capture" };
    });
  }

  get #progress(): readonly CaptureProgress[] {
    return this.#captures.status((asked) => this.#rates.allowed(asked));
  }

  #apply(): void {
    this.#options.engine.setRates(this.#rates.inForce);
    this.#options.setBatchSampling(this.#rates.batch);
  }
}
