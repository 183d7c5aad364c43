import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { StreamLedger } from "../store/advance-streams.ts";
import type { StoredBatch } from "../store/commit-batches.ts";
import { observe, type HubCounters } from "./counters.ts";
import { FairQueue } from "./fair-queue.ts";

/** "lost": not committed, and never will be from here: the agent must send it again. */
export type Outcome = "committed" | "lost";
type Pending = { readonly batch: StoredBatch; readonly bytes: number; readonly settle: (outcome: Outcome) => void };

export type CommitterOptions = {
  readonly commit: (batches: readonly StoredBatch[]) => Promise<StreamLedger[]>;
  readonly onLedgers: (ledgers: readonly StreamLedger[]) => void;
  readonly counters: HubCounters;
  readonly clock: Clock;
  readonly log: Logger;
};

export type Committer = {
  /** Whether a batch of the host may be pushed. Without room its agent is asked to pause: nothing is dropped. */
  hasRoom(hostId: string): boolean;
  /** `settle` is called once, after the commit or its failure; at once when closed. */
  push(batch: StoredBatch, settle: (outcome: Outcome) => void): void;
  /** Calls back once everything of the host that waits now is settled. */
  idle(hostId: string): Promise<void>;
  /** Takes nothing more and resolves when what waits is settled, or after `ms`, when the rest is lost. */
  close(ms: number): Promise<void>;
};

/** Commits at the same time: while one copies, another commits. Each takes a connection of the pool that is there for commits alone. */
export const LANES = 2;
/** One transaction holds no more than this, so that nobody waits long for another's flood. */
const MAX_COMMIT_BYTES = 4 * 1024 * 1024;
const MAX_COMMIT_BATCHES = 2_000;
/** What may wait of one host, of all hosts, and of all hosts when this one has nothing waiting yet. */
const MAX_HOST_BYTES = 8 * 1024 * 1024;
const MAX_BYTES = 48 * 1024 * 1024;
const MAX_BYTES_FOR_ALL = 64 * 1024 * 1024;
const RETRY_MS = [250, 1000, 2000, 5000] as const;

type Lane = { readonly queue: FairQueue<Pending>; readonly inCommit: Set<Pending>; running: boolean; hosts: number };
type Share = { readonly lane: Lane; batches: number; bytes: number };

/**
 * Joins the batches that arrive while transactions run into the next ones, one batch of each host in turn. A host stays
 * in one lane while anything of it waits, so that its batches are committed in order. While the database is away it tries
 * again, for ever: what waits is bounded here and by each agent's window. What the database refuses as data is committed
 * host by host, so that one host's nonsense holds up no other.
 */
export function createCommitter({ commit, onLedgers, counters, clock, log }: CommitterOptions): Committer {
  const lanes = Array.from({ length: LANES }, (): Lane => ({ queue: new FairQueue(), inCommit: new Set(), running: false, hosts: 0 }));
  const shares = new Map<string, Share>();
  let closed = false;
  let abandoned = false;
  const idleWaiters: { hostId: string | null; resolve: () => void }[] = [];

  const settled = (item: Pending, outcome: Outcome): void => {
    const { batch, bytes, settle } = item;
    counters.waitingBytes -= bytes;
    counters.waitingBatches--;
    const share = shares.get(batch.hostId)!;
    share.lane.inCommit.delete(item);
    share.bytes -= bytes;
    if (--share.batches === 0) {
      shares.delete(batch.hostId);
      share.lane.hosts--;
    }
    settle(outcome);
  };
  const wakeIdle = (): void => {
    for (const waiter of idleWaiters.splice(0)) {
      if (waiter.hostId === null ? !lanes.some((lane) => lane.running) : !shares.has(waiter.hostId)) waiter.resolve();
      else idleWaiters.push(waiter);
    }
  };

  async function commitOnce(items: readonly Pending[]): Promise<void> {
    for (let attempt = 0; !abandoned; attempt++) {
      try {
        const began = performance.now();
        const ledgers = await commit(items.map((item) => item.batch));
        observe(counters.commits, (performance.now() - began) / 1000);
        if (abandoned) return; // told to be lost already
        for (const item of items) settled(item, "committed");
        onLedgers(ledgers);
        return;
      } catch (error) {
        if (isDataError(error)) return commitApart(items, error);
        counters.commitFailures++;
        log.warn({ event: "commit-failed", attempt, error: messageOf(error) }, "the database did not commit; trying again");
        await new Promise<void>((resolve) => clock.after(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]!, resolve));
      }
    }
  }

  async function commitApart(items: readonly Pending[], error: unknown): Promise<void> {
    const hosts = new Set(items.map((item) => item.batch.hostId));
    if (hosts.size <= 1) {
      log.error({ event: "batch-not-storable", hosts: [...hosts], error: messageOf(error) }, "the database refuses what a host sent");
      if (!abandoned) for (const item of items) settled(item, "lost");
      return;
    }
    for (const host of hosts) await commitOnce(items.filter((item) => item.batch.hostId === host));
  }

  const takeFrom = (lane: Lane): Pending[] => {
    let bytes = 0;
    let batches = 0;
    return lane.queue.take((next) => (bytes += next.bytes) <= MAX_COMMIT_BYTES && ++batches < MAX_COMMIT_BATCHES);
  };
  async function run(lane: Lane): Promise<void> {
    while (!lane.queue.empty && !abandoned) {
      const items = takeFrom(lane);
      for (const item of items) lane.inCommit.add(item);
      await commitOnce(items);
      wakeIdle();
    }
    lane.running = false;
    wakeIdle();
  }
  const start = (lane: Lane): void => {
    if (lane.running) return;
    lane.running = true;
    // The current turn's other batches join this transaction.
    setImmediate(() => void run(lane));
  };
  const shareOf = (hostId: string): Share => {
    const known = shares.get(hostId);
    if (known) return known;
    const lane = lanes.reduce((least, one) => (one.hosts < least.hosts ? one : least));
    lane.hosts++;
    const share = { lane, batches: 0, bytes: 0 };
    shares.set(hostId, share);
    return share;
  };

  return {
    hasRoom(hostId) {
      const { waitingBytes } = counters;
      const own = shares.get(hostId)?.bytes ?? 0;
      return own === 0 ? waitingBytes < MAX_BYTES_FOR_ALL : own < MAX_HOST_BYTES && waitingBytes < MAX_BYTES;
    },
    push(batch, settle) {
      if (closed) return settle("lost");
      const bytes = sizeOf(batch);
      const share = shareOf(batch.hostId);
      share.batches++;
      share.bytes += bytes;
      counters.waitingBytes += bytes;
      counters.waitingBatches++;
      share.lane.queue.push(batch.hostId, { batch, bytes, settle });
      start(share.lane);
    },
    idle: (hostId) => (shares.has(hostId) ? new Promise<void>((resolve) => idleWaiters.push({ hostId, resolve })) : Promise.resolve()),
    async close(ms) {
      closed = true;
      if (!lanes.some((lane) => lane.running)) return;
      const drained = new Promise<"drained">((resolve) => idleWaiters.push({ hostId: null, resolve: () => resolve("drained") }));
      let stopTimer = (): void => {};
      const late = new Promise<"late">((resolve) => (stopTimer = clock.after(ms, () => resolve("late"))));
      if ((await Promise.race([drained, late])) === "late") {
        abandoned = true;
        for (const lane of lanes) for (const item of [...lane.inCommit, ...lane.queue.takeAll()]) settled(item, "lost");
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

/** Memory that the batch takes while it waits. */
function sizeOf(batch: StoredBatch): number {
  const captured = batch.captured?.parts.reduce((sum, part) => sum + part.records.byteLength, 0) ?? 0;
  return 512 + (batch.rows?.bytes.buffer.byteLength ?? 0) + captured;
}
