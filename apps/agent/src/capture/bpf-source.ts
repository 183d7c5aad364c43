import type { Engine } from "@sonde/bpf";
import type { Device } from "./addresses.ts";
import { EngineCounts } from "./engine-counts.ts";
import { Interfaces } from "./interfaces.ts";
import type { Selection } from "./plan.ts";
import type { Sink, Source } from "./source.ts";

const COUNTER_PERIOD_MS = 1000;
/** Refused interfaces are tried again, and what took a program off without a word from the kernel is found. */
const RELIST_PERIOD_MS = 15_000;
/** A host that starts many containers tells of hundreds of changes a second. */
const CHANGES_APART_MS = 50;

export type BpfSourceOptions = {
  readonly engine: Engine;
  readonly listInterfaces: () => readonly Device[];
  /** Calls its listener when interfaces changed; answers a disposer. */
  readonly watchInterfaces: (listener: () => void) => () => void;
  readonly clockBoottimeNs: () => bigint;
  readonly selection: Selection;
};

/** The kernel as a source: follows interfaces as they come and go, reads counters each second. */
export class BpfSource implements Source {
  readonly #options: BpfSourceOptions;
  readonly #counts: EngineCounts;
  readonly #interfaces: Interfaces;
  #sink: Sink | null = null;
  #timers: NodeJS.Timeout[] = [];
  #unwatch: (() => void) | null = null;
  #pause: NodeJS.Timeout | null = null;
  #changed = false;
  #stopping: Promise<void> | null = null;
  #announced = "";

  constructor(options: BpfSourceOptions) {
    this.#options = options;
    this.#counts = new EngineCounts(options.engine, options.clockBoottimeNs());
    this.#interfaces = new Interfaces(options.engine, options.selection);
  }

  start(sink: Sink): void {
    this.#sink = sink;
    this.#options.engine.start((batch, records) => sink.records(batch, records));
    // Before the first listing: a change between the two is told.
    this.#unwatch = this.#options.watchInterfaces(() => this.#onChange(sink));
    this.#relist(sink, true);
    this.#timers.push(
      setInterval(() => this.#counts.tick(sink), COUNTER_PERIOD_MS),
      setInterval(() => this.#relist(sink, true), RELIST_PERIOD_MS),
    );
  }

  countFilters(): void {
    if (this.#sink !== null) this.#counts.deliverFilters(this.#sink, true);
  }

  release(batch: Uint8Array): void {
    this.#options.engine.release(batch);
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  /** Detach comes first: after it nothing is counted, so the last counters and records agree to the packet. */
  async #stop(): Promise<void> {
    this.#unwatch?.();
    if (this.#pause !== null) clearTimeout(this.#pause);
    for (const timer of this.#timers) clearInterval(timer);
    await this.#counts.idle();
    const { engine } = this.#options;
    this.#interfaces.detachAll();
    await engine.stop();
    if (this.#sink !== null) await this.#counts.finish(this.#sink);
    await engine.close();
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
      this.#counts.ended(each.ifindex);
    }
    if (lost.length > 0) this.#counts.deliver(sink, true); // the next attach may take over their counters
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
