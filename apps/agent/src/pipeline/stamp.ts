import { headerAt, stampBatch, viewOf } from "@sonde/protocol";
import type { Entry } from "../kept.ts";

export type StampFacts = {
  readonly hostId: string;
  readonly bootId: string;
  readonly stream: bigint;
  readonly queueLost: bigint;
  /** Left as it was when the batch was written to disk. */
  readonly ringLost?: bigint;
};

/** Writes into an entry's header what only the agent knows (SPEC 2); its sequence is the entry's. */
export function stampEntry({ bytes, sequence, sampleN, snaplen }: Entry, facts: StampFacts): void {
  const view = viewOf(bytes);
  const ringLost = facts.ringLost ?? view.getBigUint64(headerAt.ringLost, true);
  stampBatch(view, { ...facts, ringLost, sequence, sampleN, snaplen });
}
