import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Wire } from "../../../packages/bpf/test/support/netns.ts";
import { openCounting } from "./counting.ts";
import { flood } from "./flood.ts";

/** `heapUsed + external` in bytes after collection, early and late in one flood, and what passed meanwhile. */
export type Memory = { readonly early: number; readonly late: number; readonly records: number };

/** Floods the reader for `lateMs`, looking at this process's memory after `earlyMs` and at the end. */
export async function measureMemory(earlyMs: number, lateMs: number): Promise<Memory> {
  using wire = new Wire();
  const { engine, taken } = openCounting(wire);
  const begin = performance.now();
  let early: number | undefined;
  for (;;) {
    await flood(wire);
    const elapsed = performance.now() - begin;
    if (early === undefined && elapsed >= earlyMs) early = await used();
    if (early === undefined || elapsed < lateMs) continue;
    const late = await used();
    await engine.close();
    return { early, late, records: taken() };
  }
}

/** Collected to the end: what the collector found is given back in the next turn of the event loop. */
async function used(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
