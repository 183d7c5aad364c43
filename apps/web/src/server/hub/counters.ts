import { batchKinds, type BatchKindName, type ErrorCode } from "@sonde/protocol";

/** Upper bounds of the buckets of a commit's duration, seconds. */
const COMMIT_BOUNDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** Observations by bucket, as Prometheus' histograms: `counts[i]` are those at or below `bounds[i]` and above the bound before. */
export type Histogram = { readonly bounds: readonly number[]; readonly counts: number[]; count: number; sum: number };

/**
 * What the hub has counted since it started; plain numbers that only grow, but for the gauges. Owned by one hub and
 * read by /metrics.
 */
export type HubCounters = {
  /** Committed and acknowledged; refused ones of which only the number was kept are not in it. */
  readonly batches: Record<BatchKindName, number>;
  /** Records, flow records or counter rows in them. */
  readonly records: Record<BatchKindName, number>;
  /** Bytes of batches as they came, whatever became of them. */
  batchBytes: number;
  /** Batches that were in already and were acknowledged again (SPEC 4.4). */
  duplicates: number;
  /** Batches and messages of agents that were turned away, by code. */
  readonly refused: Map<ErrorCode, number>;
  /** Batches that found no room and were asked for again: nothing is lost. */
  heldBack: number;
  /** Seconds of each commit that succeeded; and commits that failed and were tried again. */
  readonly commits: Histogram;
  commitFailures: number;
  /** Gauges: what waits for a commit. */
  waitingBatches: number;
  waitingBytes: number;
  /** Gauges: connections past their handshake. */
  agents: number;
  viewers: number;
  /** Handshakes turned away, by code; a socket refused before its handshake is TOO_MANY. */
  readonly agentHandshakesRefused: Map<ErrorCode, number>;
  readonly viewerHandshakesRefused: Map<ErrorCode, number>;
  /** Left out for browsers that read too slowly. */
  viewerSkippedBatches: number;
  viewerSkippedRecords: number;
  /** Times that a browser was too slow and got summaries until it had drained. */
  viewersCoarse: number;
  /** Browsers the hub parted with, by reason: signed-out, silent, or too-many messages. */
  readonly viewersEnded: Map<"signed-out" | "silent" | "too-many", number>;
  /** What browsers asked for and were refused, by code. */
  readonly viewerMessagesRefused: Map<ErrorCode, number>;
  /** Gauge: watched hosts and subscriptions of all browsers. */
  subscriptions: number;
};

export function createHubCounters(): HubCounters {
  return {
    batches: perKind(),
    records: perKind(),
    batchBytes: 0,
    duplicates: 0,
    refused: new Map(),
    heldBack: 0,
    commits: { bounds: COMMIT_BOUNDS, counts: COMMIT_BOUNDS.map(() => 0), count: 0, sum: 0 },
    commitFailures: 0,
    waitingBatches: 0,
    waitingBytes: 0,
    agents: 0,
    viewers: 0,
    agentHandshakesRefused: new Map(),
    viewerHandshakesRefused: new Map(),
    viewerSkippedBatches: 0,
    viewerSkippedRecords: 0,
    viewersCoarse: 0,
    viewersEnded: new Map(),
    viewerMessagesRefused: new Map(),
    subscriptions: 0,
  };
}

function perKind(): Record<BatchKindName, number> {
  return Object.fromEntries(batchKinds.map((kind) => [kind, 0])) as Record<BatchKindName, number>;
}

export function countOne<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

export function observe(histogram: Histogram, value: number): void {
  histogram.count++;
  histogram.sum += value;
  const bucket = histogram.bounds.findIndex((bound) => value <= bound);
  if (bucket >= 0) histogram.counts[bucket]!++;
}
