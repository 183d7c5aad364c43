import type { ErrorCode } from "@sonde/protocol";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { StreamLedger } from "../store/advance-streams.ts";
import type { Refusals, StoredBatch } from "../store/commit-batches.ts";

/** "lost": not committed, and never will be from here: the agent must send it again. */
export type Outcome = "committed" | "lost";
type Pending = { readonly batch: StoredBatch; readonly settle: (outcome: Outcome) => void };

export type CommitterOptions = {
  readonly commit: (batches: readonly StoredBatch[], refusals: Refusals) => Promise<StreamLedger[]>;
  readonly onLedgers: (ledgers: readonly StreamLedger[]) => void;
  readonly clock: Clock;
  readonly log: Logger;
};

export type Committer = {
  /** False, and nothing taken, when too much waits already. `settle` is called once, after the commit or its failure. */
  push(batch: StoredBatch, settle: (outcome: Outcome) => void): boolean;
  /** Calls back once everything of the host that waits now is settled. */
  idle(hostId: string): Promise<void>;
  /** Counts a refused batch; stored with the next commit. */
  refuse(hostId: string, code: ErrorCode): void;
  /** Takes nothing more and resolves when what waits is settled, or after `ms`, when the rest is lost. */
  close(ms: number): Promise<void>;
};

const MAX_WAITING_BYTES = 64 * 1024 * 1024;
const MAX_WAITING_BATCHES = 50_000;
const MAX_IN_COMMIT = 2_000;
const RETRY_MS = [250, 1000, 2000, 5000] as const;

/**
 * Joins the batches of all hosts that arrive while a transaction runs into the next one. While the database is away
 * it tries again, for ever: waiting batches are bounded here and by each agent's window. What the database refuses
 * as data is committed host by host, so that one host's nonsense holds up no other.
 */
export function createCommitter({ commit, onLedgers, clock, log }: CommitterOptions): Committer {
  const waiting: Pending[] = [];
  let inCommit: readonly Pending[] = [];
  let waitingBytes = 0;
  let refusals = new Map<string, { hostId: string; code: ErrorCode; batches: number }>();
  let running = false;
  let closed = false;
  let abandoned = false;
  const perHost = new Map<string, number>();
  const idleWaiters: { hostId: string | null; resolve: () => void }[] = [];

  const settled = (item: Pending, outcome: Outcome): void => {
    waitingBytes -= sizeOf(item.batch);
    const left = (perHost.get(item.batch.hostId) ?? 1) - 1;
    if (left > 0) perHost.set(item.batch.hostId, left);
    else perHost.delete(item.batch.hostId);
    item.settle(outcome);
  };
  const wakeIdle = (): void => {
    for (const waiter of idleWaiters.splice(0)) {
      if (waiter.hostId === null ? perHost.size === 0 && refusals.size === 0 : !perHost.has(waiter.hostId)) waiter.resolve();
      else idleWaiters.push(waiter);
    }
  };

  async function commitOnce(items: readonly Pending[], counted: Refusals): Promise<void> {
    for (let attempt = 0; !abandoned; attempt++) {
      try {
        const ledgers = await commit(
          items.map((item) => item.batch),
          counted,
        );
        for (const item of items) settled(item, "committed");
        onLedgers(ledgers);
        return;
      } catch (error) {
        if (isDataError(error)) return commitApart(items, counted, error);
        log.warn({ event: "commit-failed", attempt, error: messageOf(error) }, "the database did not commit; trying again");
        await new Promise<void>((resolve) => clock.after(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]!, resolve));
      }
    }
  }

  async function commitApart(items: readonly Pending[], counted: Refusals, error: unknown): Promise<void> {
    const hosts = new Set([...items.map((item) => item.batch.hostId), ...[...counted.values()].map((one) => one.hostId)]);
    if (hosts.size <= 1) {
      log.error({ event: "batch-not-storable", hosts: [...hosts], error: messageOf(error) }, "the database refuses what a host sent");
      for (const item of items) settled(item, "lost");
      return;
    }
    for (const host of hosts) {
      const own = new Map([...counted].filter(([, one]) => one.hostId === host));
      await commitOnce(
        items.filter((item) => item.batch.hostId === host),
        own,
      );
    }
  }

  async function run(): Promise<void> {
    running = true;
    while ((waiting.length > 0 || refusals.size > 0) && !abandoned) {
      inCommit = waiting.splice(0, MAX_IN_COMMIT);
      const counted = refusals;
      refusals = new Map();
      await commitOnce(inCommit, counted);
      inCommit = [];
      wakeIdle();
    }
    running = false;
  }
  const start = (): void => {
    // The current turn's other batches join this transaction.
    if (!running) {
      running = true;
      setImmediate(() => void run());
    }
  };

  return {
    push(batch, settle) {
      const size = sizeOf(batch);
      if (closed || waitingBytes + size > MAX_WAITING_BYTES || waiting.length >= MAX_WAITING_BATCHES) return false;
      waitingBytes += size;
      perHost.set(batch.hostId, (perHost.get(batch.hostId) ?? 0) + 1);
      waiting.push({ batch, settle });
      start();
      return true;
    },
    idle: (hostId) => (perHost.has(hostId) ? new Promise<void>((resolve) => idleWaiters.push({ hostId, resolve })) : Promise.resolve()),
    refuse(hostId, code) {
      const key = `${hostId}/${code}`;
      const before = refusals.get(key);
      if (before) before.batches++;
      else refusals.set(key, { hostId, code, batches: 1 });
      if (!closed) start();
    },
    async close(ms) {
      closed = true;
      if (!running) return;
      const drained = new Promise<"drained">((resolve) => idleWaiters.push({ hostId: null, resolve: () => resolve("drained") }));
      let stopTimer = (): void => {};
      const late = new Promise<"late">((resolve) => (stopTimer = clock.after(ms, () => resolve("late"))));
      if ((await Promise.race([drained, late])) === "late") {
        abandoned = true;
        for (const item of [...inCommit, ...waiting.splice(0)]) item.settle("lost");
        log.warn({ event: "ingest-abandoned" }, "stopped with batches that are not committed; their agents send them again");
      }
      stopTimer();
    },
  };
}

/** Class 22 (data exception) and 23 (integrity) of Postgres' error codes: trying again cannot help. */
function isDataError(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^2[23][0-9A-Z]{3}$/.test(error.code);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function sizeOf(batch: StoredBatch): number {
  return 256 + (batch.rows?.bytes.byteLength ?? 0);
}
