import type { SimHost } from "../../support/sim-agent.ts";

export type Flooded = {
  readonly records: number;
  readonly seconds: number;
  /** From each batch's send to its acknowledgement, ms. */
  readonly delays: readonly number[];
};

/** What the fleet's process does for its parent; agents are numbered in the order in which they were connected. */
export type Calls = {
  /** Connects these hosts, and waits until all have said hello. They come back by themselves. */
  readonly connect: (input: { url: string; hosts: readonly SimHost[]; seed: number }) => Promise<void>;
  /** How many of all agents' hellos were answered so far, also of those that came back. */
  readonly greeted: () => Promise<number>;
  /**
   * The first agents send flow batches of 2,400 records, each as many as its window lets it, or all together so many
   * records a second. Rejects when the hub refuses one.
   */
  readonly flood: (input: { senders: number; seconds: number; recordsPerSecond: number | null }) => Promise<Flooded>;
  /** One agent sends a batch of 100 records every so often; its `lastNs` is the time of sending. Ms to each acknowledgement. */
  readonly beat: (input: { agent: number; seconds: number; everyMs: number }) => Promise<readonly number[]>;
};
export type Verb = keyof Calls;
export type Call = { readonly id: number; readonly verb: Verb; readonly input: unknown };
export type Answer = { readonly id: number } & ({ readonly result: unknown } | { readonly error: string });
