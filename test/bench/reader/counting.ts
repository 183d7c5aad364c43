import { type Engine, openEngine } from "../../../packages/bpf/src/index.ts";
import type { Wire } from "../../../packages/bpf/test/support/netns.ts";
import { SNAPLEN } from "./flood.ts";

/** The engine on a wire with every packet emitted, whose reader only counts records and gives their batches back. */
export function openCounting(wire: Wire): { readonly engine: Engine; readonly taken: () => number } {
  const engine = openEngine({ snaplen: SNAPLEN });
  engine.attach(wire.ifindex, "tcx");
  let records = 0;
  engine.start((batch, count) => {
    records += count;
    engine.release(batch);
  });
  return { engine, taken: () => records };
}
