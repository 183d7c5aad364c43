import type { ErrorCode } from "@sonde/protocol";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Refusals } from "../store/batch-refusals.ts";

/** What is refused within this time is stored together. */
const SAVE_MS = 500;
const SAVE_AGAIN_MS = 5_000;

export type RefusalCounts = {
  /** Counts a batch of the host that was refused. */
  add(hostId: string, code: ErrorCode): void;
  /** Stores what waits; what fails now is lost. Idempotent. */
  close(): Promise<void>;
};
export type RefusalCountsOptions = {
  readonly save: (refusals: Refusals) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Gathers refusals and stores them apart from batches, so that who is refused a lot makes no other host wait for its commit. */
export function createRefusalCounts({ save, clock, log }: RefusalCountsOptions): RefusalCounts {
  const waiting = new Map<string, { hostId: string; code: ErrorCode; batches: number }>();
  let stopTimer: (() => void) | null = null;
  let saving: Promise<void> = Promise.resolve();
  let closed = false;

  const add = (hostId: string, code: ErrorCode, batches: number): void => {
    const key = `${hostId}/${code}`;
    const before = waiting.get(key);
    if (before) before.batches += batches;
    else waiting.set(key, { hostId, code, batches });
  };
  const saveWaiting = async (): Promise<void> => {
    const taken = new Map(waiting);
    waiting.clear();
    try {
      if (taken.size > 0) await save(taken);
    } catch (error) {
      log.warn({ event: "refusals-not-saved", error: String(error) }, "counts of refused batches were not stored");
      if (closed) return;
      for (const { hostId, code, batches } of taken.values()) add(hostId, code, batches);
      plan(SAVE_AGAIN_MS);
    }
  };
  const plan = (ms: number): void => {
    stopTimer ??= clock.after(ms, () => {
      stopTimer = null;
      saving = saving.then(saveWaiting);
    });
  };
  return {
    add(hostId, code) {
      if (closed) return;
      add(hostId, code, 1);
      plan(SAVE_MS);
    },
    async close() {
      closed = true;
      stopTimer?.();
      await saving;
      await saveWaiting();
    },
  };
}
