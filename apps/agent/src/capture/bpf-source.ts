import type { Engine, Filter, FilterSet, NetInterface } from "@sonde/bpf";
import type { FilterReport } from "@sonde/protocol";
import { CounterDiff } from "./counter-diff.ts";
import { FilterDiff } from "./filter-diff.ts";
import { toEndpoint } from "./endpoints.ts";
import { Interfaces } from "./interfaces.ts";
import type { Selection } from "./plan.ts";
import type { Sampling, Sink, Source, TextEndpoint } from "./source.ts";

/** abi.h SONDE_MAX_OWN_ENDPOINTS */
const MAX_OWN_ENDPOINTS = 256;
const COUNTER_PERIOD_MS = 1000;
/** Refused interfaces are tried again, and what took a program off without a word from the kernel is found. */
const RELIST_PERIOD_MS = 15_000;
/** A host that starts many containers tells of hundreds of changes a second. */
const CHANGES_APART_MS = 50;

export type BpfSourceOptions = {
  readonly engine: Engine;
  readonly listInterfaces: () => readonly NetInterface[];
  /** Calls its listener when interfaces changed; answers a disposer. */
  readonly watchInterfaces: (listener: () => void) => () => void;
  readonly clockBoottimeNs: () => bigint;
  readonly selection: Selection;
  /** What a packet costs with these filters, ns; null where it cannot be measured. */
  readonly measureCost: (filters: readonly Filter[]) => number | null;
};

/** The kernel as a source: follows interfaces as they come and go, reads counters each second. */
export class BpfSource implements Source {
  readonly #options: BpfSourceOptions;
  readonly #diff: CounterDiff;
  readonly #filterDiff: FilterDiff;
  readonly #interfaces: Interfaces;
  #sink: Sink | null = null;
  #timers: NodeJS.Timeout[] = [];
  #unwatch: (() => void) | null = null;
  #pause: NodeJS.Timeout | null = null;
  #changed = false;
  /** The second in progress: it waits for the kernel. */
  #ticking: Promise<void> | null = null;
  /** Interfaces that are gone, and whose flows are not yet ended. */
  #gone = new Set<number>();
  #stopping: Promise<void> | null = null;
  #announced = "";

  constructor(options: BpfSourceOptions) {
    this.#options = options;
    this.#diff = new CounterDiff(options.clockBoottimeNs());
    this.#filterDiff = new FilterDiff(options.clockBoottimeNs());
    this.#interfaces = new Interfaces(options.engine, options.selection);
  }

  start(sink: Sink): void {
    this.#sink = sink;
    this.#options.engine.start((batch, records) => sink.records(batch, records));
    // Before the first listing: a change between the two is told.
    this.#unwatch = this.#options.watchInterfaces(() => this.#onChange(sink));
    this.#relist(sink, true);
    this.#timers.push(
      setInterval(() => this.#tick(sink), COUNTER_PERIOD_MS),
      setInterval(() => this.#relist(sink, true), RELIST_PERIOD_MS),
    );
  }

  setSampling(sampling: Sampling): void {
    this.#options.engine.setSampling(sampling);
  }

  setFilters({ number, filters }: FilterSet): FilterReport {
    if (this.#sink !== null) this.#countFilters(this.#sink, true); // the set before the one in force goes with its counters
    // The engine has no other set without filters than its own, number 0 (SPEC 8.2).
    const { contexts } = this.#options.engine.setFilters(filters.length === 0 ? { number: 0, filters } : { number, filters });
    return { number, contexts: [...contexts], nsPerPacket: this.#options.measureCost(filters) };
  }

  setOwnEndpoints(endpoints: readonly TextEndpoint[]): void {
    const known = endpoints.map(toEndpoint).filter((endpoint) => endpoint !== null);
    this.#options.engine.setOwnEndpoints(known.slice(0, MAX_OWN_ENDPOINTS));
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  /** Detach comes first: after it nothing is counted, so the last counters and records agree to the packet. */
  async #stop(): Promise<void> {
    this.#unwatch?.();
    if (this.#pause !== null) clearTimeout(this.#pause);
    for (const timer of this.#timers) clearInterval(timer);
    await this.#ticking;
    const { engine } = this.#options;
    this.#interfaces.detachAll();
    await engine.stop();
    if (this.#sink !== null) {
      this.#giveUp(this.#sink.flows(await engine.drainFlows(), "all"));
      this.#count(this.#sink, true);
      this.#countFilters(this.#sink, true);
    }
    await engine.close();
  }

  /** Each second; one that finds the last one still waiting is left out. */
  #tick(sink: Sink): void {
    this.#ticking ??= this.#countAll(sink).finally(() => (this.#ticking = null));
  }

  async #countAll(sink: Sink): Promise<void> {
    const ended = this.#gone; // gone before this drain began, so the drain has the last of them
    this.#gone = new Set();
    const drained = await this.#options.engine.drainFlows();
    if (ended.size + this.#gone.size === 0 && !this.#diff.owing) sink.settled();
    this.#giveUp(sink.flows(drained, ended));
    this.#count(sink, false);
    this.#countFilters(sink, false);
  }

  #giveUp(batches: readonly ArrayBuffer[]): void {
    for (const batch of batches) this.#diff.giveUp(batch);
  }

  #count(sink: Sink, force: boolean): void {
    const reading = this.#diff.read(this.#options.engine.readCounters());
    sink.ringLost(reading.ringLost);
    if (sink.counters(reading.batches, force)) reading.commit();
  }

  #countFilters(sink: Sink, force: boolean): void {
    const reading = this.#filterDiff.read(this.#options.engine.readFilterCounters());
    if (reading.batches.length === 0 || sink.filterCounters(reading.batches, force)) reading.commit();
  }

  /** The first change of a burst is followed at once, the rest of it together. */
  #onChange(sink: Sink): void {
    this.#changed = true;
    if (this.#pause !== null) return;
    this.#changed = false;
    this.#pause = setTimeout(() => {
      this.#pause = null;
      if (this.#changed) this.#onChange(sink);
    }, CHANGES_APART_MS);
    this.#relist(sink, false);
  }

  /** With `retry` interfaces that refused are tried again although nothing about them changed. */
  #relist(sink: Sink, retry: boolean): void {
    const lost = this.#interfaces.update(this.#options.listInterfaces());
    for (const each of lost) {
      sink.detached(each);
      this.#gone.add(each.ifindex);
    }
    if (lost.length > 0) this.#count(sink, true); // the next attach may take over their counters
    const fresh = this.#interfaces.attach(retry);
    this.#announce(sink);
    for (const each of fresh) sink.attached(each);
  }

  #announce(sink: Sink): void {
    const list = this.#interfaces.list();
    const text = JSON.stringify(list);
    if (text === this.#announced) return;
    this.#announced = text;
    sink.interfaces(list);
  }
}
