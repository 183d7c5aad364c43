import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { attachError, callError } from "./errors.ts";
import type { Filters } from "./filters.ts";
import { Lending } from "./lending.ts";
import type { NativeEngine } from "./load.ts";
import { EngineMode, openNative } from "./open-native.ts";
import { checkEngineOptions, checkReaderOptions, checkSampling, packEndpoints, type Sampling } from "./options.ts";
import {
  BpfError,
  type AttachMode,
  type BatchListener,
  type Endpoint,
  type EgressMode,
  type Engine,
  type EngineOptions,
  type FilterReport,
  type FilterSet,
  type FilterTarget,
  type LinkType,
  type MapFacts,
  type PackedPackets,
  type ProgramFacts,
  type Rate,
  type ReaderOptions,
  type TestHook,
  type TranslatedFilters,
} from "./types.ts";

/** enum sonde_hook (include/abi.h) */
const hookNumbers: Readonly<Record<AttachMode, number>> = { tcx: 1, clsact: 2, "xdp-native": 3, "xdp-generic": 4, socket: 5 };

/**
 * Loads the programs; nothing is attached yet. Throws BpfError: NO_BTF, NO_PRIVILEGE, LOAD (with the
 * verifier's log) or INVALID.
 */
export function openEngine(options: EngineOptions = {}): Engine {
  const { ringBytes, flowEntries, sampling } = checkEngineOptions(options);
  const mode = options.replay === true ? EngineMode.replay : EngineMode.live;
  const { engine, filters } = openNative({ mode, objectDir: options.objectDir, ringBytes, flowEntries, sockets: true });
  const bound = new BoundEngine(engine, filters, options.replay === true);
  bound.setSampling(sampling);
  engine.setSampleOwn(options.sampleOwn ?? false);
  return bound;
}

/** Checks in TypeScript, calls the addon, turns -errno into one typed error. */
class BoundEngine implements Engine {
  readonly #native: NativeEngine;
  #closing: Promise<void> | undefined;
  #draining: Promise<unknown> | undefined;
  /** Of the newest reader. */
  #lending: Lending | undefined;
  readonly #filters: Filters;
  readonly #replay: boolean;
  /** Interfaces whose filters would outlive the process. */
  readonly #clsact = new Set<number>();
  readonly #onExit = (): void => {
    for (const ifindex of this.#clsact) this.#native.detach(ifindex);
  };

  constructor(engine: NativeEngine, filters: Filters, replay: boolean) {
    this.#native = engine;
    this.#filters = filters;
    this.#replay = replay;
  }

  attach(ifindex: number, mode: AttachMode, egress?: EgressMode): void {
    this.#open("attach");
    if (this.#replay) throw new BpfError("INVALID", "An engine opened for replay takes packets by inject(): it attaches to nothing.");
    const out = egress ?? (mode === "xdp-native" || mode === "xdp-generic" ? "tcx" : mode);
    const result = this.#native.attach(ifindex, hookNumbers[mode], hookNumbers[out]);
    if (result < 0) throw attachError(ifindex, mode === out ? mode : `${mode} and ${out}`, result);
    if (out !== "clsact") return;
    // Node runs neither destructors nor cleanup hooks of addons at process.exit().
    if (this.#clsact.size === 0) process.on("exit", this.#onExit);
    this.#clsact.add(ifindex);
  }

  attached(ifindex: number): boolean {
    this.#open("attached");
    return this.#native.attached(ifindex);
  }

  detach(ifindex: number): void {
    this.#open("detach");
    this.#check("detach", this.#native.detach(ifindex));
    if (this.#clsact.delete(ifindex) && this.#clsact.size === 0) process.off("exit", this.#onExit);
  }

  setSampling(sampling: Sampling): void {
    this.#open("setSampling");
    const { sampleN, snaplen } = checkSampling(sampling);
    this.#check("setSampling", this.#native.setSampling(sampleN, snaplen));
  }

  setFilters(set: FilterSet): FilterReport {
    this.#open("setFilters");
    return this.#filters.install(set);
  }

  filterTarget(of: "next" | "present" = "next"): FilterTarget {
    return this.#filters.target(of);
  }

  async loadFilters(translated: TranslatedFilters, rates: readonly Rate[]): Promise<FilterReport> {
    this.#open("loadFilters");
    return this.#filters.load(translated, rates);
  }

  async replaceFilters(translated: TranslatedFilters): Promise<FilterReport> {
    this.#open("replaceFilters");
    return this.#filters.replace(translated);
  }

  setRates(rates: readonly Rate[]): void {
    this.#open("setRates");
    this.#filters.setRates(rates);
  }

  setOwnEndpoints(endpoints: readonly Endpoint[]): void {
    this.#open("setOwnEndpoints");
    this.#check("setOwnEndpoints", this.#native.setOwnEndpoints(packEndpoints(endpoints)));
  }

  readCounters(): ArrayBuffer {
    this.#open("readCounters");
    const result = this.#native.readCounters();
    if (typeof result === "number") throw callError("readCounters", result);
    return result;
  }

  readFilterCounters(): ArrayBuffer {
    this.#open("readFilterCounters");
    const result = this.#native.readFilterCounters();
    if (typeof result === "number") throw callError("readFilterCounters", result);
    return result;
  }

  async drainFlows(): Promise<ArrayBuffer> {
    this.#open("drainFlows");
    const draining = this.#native.drainFlows();
    if (this.#draining === undefined) this.#draining = draining.finally(() => (this.#draining = undefined));
    const result = await draining;
    if (typeof result === "number") throw callError("drainFlows", result);
    return result;
  }

  describe(): { readonly programs: readonly ProgramFacts[]; readonly maps: readonly MapFacts[] } | null {
    this.#open("describe");
    const facts = this.#native.describe();
    if (typeof facts === "number") {
      if (facts === -constants.errno.EBUSY) return null;
      throw callError("describe", facts);
    }
    if (kernelCounts()) return facts;
    return { maps: facts.maps, programs: facts.programs.map((program) => ({ ...program, runs: null, runNs: null })) };
  }

  inject(
    { bytes, lengths }: PackedPackets,
    times: BigUint64Array,
    where: { readonly hook: TestHook; readonly linkType: LinkType },
  ): { readonly ran: number; readonly refused: number } {
    this.#open("inject");
    if (!this.#replay) throw new BpfError("INVALID", "inject() is for an engine opened for replay.");
    const hook = where.hook === "xdp" ? 1 : 0;
    const { errno, ran, refused } = this.#native.injectPackets(hook, where.linkType === "raw", bytes, lengths, times);
    this.#check("inject", errno);
    return { ran, refused };
  }

  start(listener: BatchListener, options: ReaderOptions = {}): void {
    this.#open("start");
    const { batchBytes, flushMs, maxPending } = checkReaderOptions(options);
    const deliver = (block: number | ArrayBuffer, bytes: number, records: number): void => listener(lending.lend(block, bytes), records);
    this.#check("start", this.#native.start(deliver, batchBytes, flushMs, maxPending));
    const lending = new Lending(this.#native); // no batch comes before the event loop turns
    this.#lending = lending;
  }

  release(batch: Uint8Array): boolean {
    return this.#lending?.takeBack(batch) ?? false;
  }

  stop(): Promise<void> {
    return this.#native.stop();
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([this.#native.stop(), this.#draining, this.#filters.idle()]).then(() => {
      this.#check("close", this.#native.close());
      process.off("exit", this.#onExit);
    });
    return this.#closing;
  }

  #open(what: string): void {
    if (this.#closing) throw new BpfError("CLOSED", `${what}: the engine is closed.`);
  }

  #check(what: string, result: number): void {
    if (result < 0) throw callError(what, result);
  }
}

/** Whether the kernel counts runs of programs and their time: two readings of its clock each, so that we leave it as it is. */
function kernelCounts(): boolean {
  try {
    return readFileSync("/proc/sys/kernel/bpf_stats_enabled", "utf8").trim() === "1";
  } catch {
    return false;
  }
}
