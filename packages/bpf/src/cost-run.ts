import { join } from "node:path";
import { EngineMode, requireBtf } from "./engine.ts";
import { callError, loadError } from "./errors.ts";
import { Filters } from "./filters.ts";
import { native, nativeDir, type NativeEngine } from "./load.ts";
import { BpfError, type CostRun, type Filter, type FilterReport, type TestHook, type TranslatedFilters } from "./types.ts";

/** Nobody reads it: no lease, so nothing is emitted. */
const RING_BYTES = 4096;
/** Nor are its flows ever drained. */
const FLOW_ENTRIES = 1;

/** Opens an instance to measure filters in. Throws BpfError as openEngine() does. */
export function openCostRun(options: { readonly objectDir?: string } = {}): CostRun {
  const addon = native();
  requireBtf();
  const path = join(options.objectDir ?? nativeDir(), "sonde.bpf.o");
  const engine = new addon.NativeEngine();
  const opened = engine.open(path, RING_BYTES, FLOW_ENTRIES, EngineMode.live);
  if (opened.errno !== 0) throw loadError(`Loading ${path}`, opened.errno, opened.log);
  return new BoundCostRun(engine, new Filters(engine, { xdpHelpers: opened.xdpHelpers, sockets: false }));
}

class BoundCostRun implements CostRun {
  readonly #native: NativeEngine;
  readonly #filters: Filters;
  #closed = false;

  constructor(engine: NativeEngine, filters: Filters) {
    this.#native = engine;
    this.#filters = filters;
  }

  setFilters(filters: readonly Filter[] | TranslatedFilters): FilterReport {
    this.#open("setFilters");
    if (!("programs" in filters)) return this.#filters.install({ number: filters.length === 0 ? 0 : 1, filters });
    const everything = Array.from({ length: filters.count }, () => ({ sampleN: 1, snaplen: 0 }));
    return this.#filters.installTranslated(filters, everything);
  }

  measure(hook: TestHook, frame: Uint8Array, repeat: number): number {
    this.#open("measure");
    const ns = this.#native.measure(hook === "xdp" ? 1 : 0, frame, repeat);
    if (ns < 0) throw callError("measure", ns);
    return ns;
  }

  close(): void {
    this.#closed = true;
    this.#native.close();
  }

  #open(what: string): void {
    if (this.#closed) throw new BpfError("CLOSED", `${what}: the run is closed.`);
  }
}
