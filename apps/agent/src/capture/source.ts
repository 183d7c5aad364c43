import type { AgentInterface } from "@sonde/protocol";
import type { Totals } from "../sampling.ts";

/** Text IP address (RFC 4291 or dotted quad), port in host order. */
export type TextEndpoint = { readonly address: string; readonly port: number };

/** Where a source puts what it takes. Batches are in wire layout and not copied. */
export type Sink = {
  /** The sink's until it gives it back by Source.release(), or lets go of it. */
  records(batch: Uint8Array<ArrayBuffer>, records: number): void;
  /** False: not taken; the source counts on and offers a longer interval later. With `force` never false. */
  counters(batches: readonly ArrayBuffer[], force: boolean): boolean;
  /** Likewise the counters of filters. */
  filterCounters(batches: readonly ArrayBuffer[], force: boolean): boolean;
  /**
   * What was counted by flow since the last call: u64 CLOCK_BOOTTIME ns, u32 rows, u32 zero, then rows (abi.h: struct
   * sonde_flow, end reason 0). No more comes of the interfaces in `ended`, or of any. Answers the flow batches that
   * nobody will get: the source counts their packets as unflowed (SPEC 4.7).
   */
  flows(drained: ArrayBuffer, ended: ReadonlySet<number> | "all"): readonly ArrayBuffer[];
  /** From here on no row or flow names an interface that is gone. */
  settled(): void;
  /** What the engine has counted; called once a second, at the end, and before `counters`. */
  counted(totals: Totals): void;
  /** The interfaces changed. Called before any counter row names a new one (SPEC 3.3). */
  interfaces(list: readonly AgentInterface[]): void;
  attached(change: AgentInterface): void;
  detached(change: AgentInterface): void;
};

/** Something that delivers packets and counters: the kernel, or a capture file. */
export interface Source {
  /** Attaches what is to be attached now, and begins to deliver. */
  start(sink: Sink): void;
  /** Gives a record batch back, whose bytes nobody reads any more: they change. Also after stop(). */
  release(batch: Uint8Array): void;
  /** Delivers what filters have counted: to be called before a set is loaded, which forgets that of the set before. */
  countFilters(): void;
  /** Detaches, drains and delivers the last records and counters, and closes the engine. Idempotent. */
  stop(): Promise<void>;
}
