import { callError } from "./errors.ts";
import type { Filters } from "./filters.ts";
import type { NativeEngine } from "./load.ts";
import { EngineMode, UNREAD, openNative, type OpenedNative } from "./open-native.ts";
import { BpfError, type CostRun, type Filter, type FilterReport, type TestHook, type TranslatedFilters } from "./types.ts";

/** Opens an instance, without a lease and so without records, to measure filters in. Throws BpfError as openEngine() does. */
export function openCostRun(options: { readonly objectDir?: string } = {}): CostRun {
  return new BoundCostRun(openNative({ ...UNREAD, mode: EngineMode.live, objectDir: options.objectDir }));
}

class BoundCostRun implements CostRun {
  readonly #native: NativeEngine;
  readonly #filters: Filters;
  #closed = false;

  constructor({ engine, filters }: OpenedNative) {
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
