import type { Engine } from "@sonde/bpf";
import { FILTER_ROW_BYTES, filterRowAt, viewOf } from "@sonde/protocol";
import type { Totals } from "../sampling.ts";
import { CounterDiff } from "./counter-diff.ts";
import { FilterDiff } from "./filter-diff.ts";
import type { Sink } from "./source.ts";

/** Before the rows: u64 boot time, u32 rows, u32 zero. */
const TABLE_HEADER_BYTES = 16;

type Counting = Pick<Engine, "readCounters" | "readFilterCounters" | "drainFlows">;
type CountSink = Pick<Sink, "counters" | "counted" | "filterCounters" | "flows" | "settled">;

/** Reads what an engine counted and gives it to a sink. */
export class EngineCounts {
  readonly #engine: Counting;
  readonly #diff: CounterDiff;
  readonly #filterDiff: FilterDiff;
  /** The second in progress: it waits for the kernel. */
  #ticking: Promise<void> | null = null;
  /** Interfaces that are gone, and whose flows are not yet ended. */
  #gone = new Set<number>();

  constructor(engine: Counting, startNs: bigint) {
    this.#engine = engine;
    this.#diff = new CounterDiff(startNs);
    this.#filterDiff = new FilterDiff(startNs);
  }

  /** Each second; one that finds the last one still waiting is left out. */
  tick(sink: CountSink): void {
    this.#ticking ??= this.#deliverAll(sink).finally(() => (this.#ticking = null));
  }

  /** No tick is in progress any more. */
  async idle(): Promise<void> {
    await this.#ticking;
  }

  /** No more packets come of this interface. */
  ended(ifindex: number): void {
    this.#gone.add(ifindex);
  }

  /** `force`: the sink must take the rows, for there may be no later reading of them. */
  deliver(sink: Pick<CountSink, "counted" | "counters">, force: boolean): void {
    const reading = this.#diff.read(this.#engine.readCounters());
    sink.counted({ ...reading.totals, filters: filterTotals(this.#engine.readFilterCounters()) });
    if (sink.counters(reading.batches, force)) reading.commit();
  }

  /** Likewise the counters of filters. */
  deliverFilters(sink: Pick<CountSink, "filterCounters">, force: boolean): void {
    const reading = this.#filterDiff.read(this.#engine.readFilterCounters());
    if (reading.batches.length === 0 || sink.filterCounters(reading.batches, force)) reading.commit();
  }

  /** All that is left, when nothing counts any more. */
  async finish(sink: CountSink): Promise<void> {
    this.#giveUp(sink.flows(await this.#engine.drainFlows(), "all"));
    this.deliver(sink, true);
    this.deliverFilters(sink, true);
  }

  async #deliverAll(sink: CountSink): Promise<void> {
    const ended = this.#gone; // gone before this drain began, so the drain has the last of them
    this.#gone = new Set();
    const drained = await this.#engine.drainFlows();
    if (ended.size + this.#gone.size === 0 && !this.#diff.owing) sink.settled();
    this.#giveUp(sink.flows(drained, ended));
    this.deliver(sink, false);
    this.deliverFilters(sink, false);
  }

  #giveUp(batches: readonly ArrayBuffer[]): void {
    for (const batch of batches) this.#diff.giveUp(batch);
  }
}

function filterTotals(table: ArrayBuffer): Totals["filters"] {
  const view = viewOf(table);
  return Array.from({ length: view.getUint32(8, true) }, (_, row) => {
    const at = TABLE_HEADER_BYTES + row * FILTER_ROW_BYTES;
    return {
      set: view.getUint32(at + filterRowAt.filterSet, true),
      bit: view.getUint32(at + filterRowAt.bit, true),
      matched: view.getBigUint64(at + filterRowAt.matched, true),
    };
  });
}
