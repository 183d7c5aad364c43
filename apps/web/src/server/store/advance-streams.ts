import { batchKinds, type BatchKindName } from "@sonde/protocol";
import type pg from "pg";
import type { StoredBatch } from "./commit-batches.ts";
import type { LedgerRow } from "./ledger.ts";
import type { CounterSums } from "./series.ts";
import { sequenceColumns, streamKey } from "./streams.ts";

export type StreamLedger = LedgerRow & { readonly hostId: string };

const MAX_LOST = 2n ** 62n;
const MAX_SNAPLEN = 65_535;

/** What the batches of one stream in one transaction add to its row. */
class Advance {
  readonly first: StoredBatch;
  last: StoredBatch;
  readonly sequences: Record<BatchKindName, bigint> = { records: 0n, counters: 0n, flows: 0n, filterCounters: 0n };
  /** The sequences that these go on from; null for a kind that there is no batch of. */
  readonly before: Record<BatchKindName, bigint | null> = { records: null, counters: null, flows: null, filterCounters: null };
  /** Whether each batch follows the one before it. */
  unbroken = true;
  queueLost = 0n;
  flowsLost = 0n;
  stored = 0;
  refused = 0;
  flows = 0;
  flowFrames = 0;
  flowsRefused = 0;
  readonly sums: Omit<CounterSums, "uplinkPackets" | "uplinkBytes"> = {
    seen: 0,
    unmatched: 0,
    sampledOut: 0,
    ringLost: 0,
    noReader: 0,
    delivered: 0,
    unflowed: 0,
    nonFlow: 0,
  };

  constructor(first: StoredBatch) {
    this.first = first;
    this.last = first;
  }

  add(batch: StoredBatch): void {
    const { kind, sequence } = batch;
    this.last = batch;
    if (this.before[kind] === null) this.before[kind] = sequence - 1n;
    else if (sequence !== this.sequences[kind] + 1n) this.unbroken = false;
    this.sequences[kind] = sequence;
    const lost = batch.queueLost < MAX_LOST ? batch.queueLost : MAX_LOST;
    if (batch.kind === "flows") {
      if (lost > this.flowsLost) this.flowsLost = lost;
      if (batch.refusal === null) this.flows += batch.records;
      else this.flowsRefused += batch.records;
    } else {
      if (lost > this.queueLost) this.queueLost = lost;
      if (batch.refusal === null) this.stored += batch.records;
      else this.refused += batch.records;
    }
    if (batch.rows?.table === "flow_records") this.flowFrames += batch.rows.frames;
    if (batch.rows?.table !== "interface_counters") return;
    for (const name of sumNames) this.sums[name] += batch.rows.sums[name];
  }
}

const sumNames = ["seen", "unmatched", "sampledOut", "ringLost", "noReader", "delivered", "unflowed", "nonFlow"] as const;

/** How a column goes on: the last value, the greatest, or their sum. */
type Column = { readonly name: string; readonly how: "last" | "greatest" | "sum"; readonly of: (advance: Advance) => number | string };

const sum = (name: string, of: Column["of"]): Column => ({ name, how: "sum", of });
const columns: readonly Column[] = [
  ...batchKinds.map((kind): Column => ({ name: sequenceColumns[kind], how: "greatest", of: (a) => a.sequences[kind].toString() })),
  { name: "sample_n", how: "last", of: (a) => a.last.sampleN },
  { name: "snaplen", how: "last", of: (a) => Math.min(a.last.snaplen, MAX_SNAPLEN) },
  { name: "queue_lost", how: "greatest", of: (a) => a.queueLost.toString() },
  { name: "flows_lost", how: "greatest", of: (a) => a.flowsLost.toString() },
  sum("stored", (a) => a.stored),
  sum("refused", (a) => a.refused),
  sum("seen", (a) => a.sums.seen),
  sum("unmatched", (a) => a.sums.unmatched),
  sum("sampled_out", (a) => a.sums.sampledOut),
  sum("ring_lost", (a) => a.sums.ringLost),
  sum("no_reader", (a) => a.sums.noReader),
  sum("delivered", (a) => a.sums.delivered),
  sum("unflowed", (a) => a.sums.unflowed),
  sum("non_flow", (a) => a.sums.nonFlow),
  sum("flows", (a) => a.flows),
  sum("flow_frames", (a) => a.flowFrames),
  sum("flows_refused", (a) => a.flowsRefused),
];

const assignments = columns.map(({ name, how }) => {
  if (how === "last") return `${name} = d.${name}`;
  return how === "sum" ? `${name} = s.${name} + d.${name}` : `${name} = GREATEST(s.${name}, d.${name})`;
});
const before = batchKinds.map((kind) => sequenceColumns[kind]).map((column) => ({ column, name: `before_${column}` }));
const given = [...columns, ...before];
/** The rows are locked in order of their keys: two that advance many streams never wait for each other. */
const ADVANCE_SQL = `WITH d AS MATERIALIZED (
    SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], ${given.map((_, i) => `$${i + 5}::bigint[]`).join(", ")})
      AS d(host_id, boot_id, stream, ${given.map(({ name }) => name).join(", ")})
  ), found AS MATERIALIZED (
    SELECT s.host_id, s.boot_id, s.stream FROM agent_stream s JOIN d USING (host_id, boot_id, stream)
    WHERE ${before.map(({ column, name }) => `s.${column} = COALESCE(d.${name}, s.${column})`).join(" AND ")}
    ORDER BY s.host_id, s.boot_id, s.stream FOR UPDATE OF s
  )
  UPDATE agent_stream s SET updated_at = $1, ${assignments.join(", ")} FROM d
  WHERE s.host_id = d.host_id AND s.boot_id = d.boot_id AND s.stream = d.stream
    AND (SELECT count(*) FROM found) = (SELECT count(*) FROM d)
  RETURNING s.*`;

type StreamRow = { host_id: string; stream: string; since: Date; snaplen: number } & Record<
  | "sample_n"
  | "seen"
  | "unmatched"
  | "sampled_out"
  | "ring_lost"
  | "no_reader"
  | "delivered"
  | "queue_lost"
  | "stored"
  | "refused"
  | "flows"
  | "flow_frames"
  | "unflowed"
  | "non_flow"
  | "flows_lost"
  | "flows_refused",
  string
>;

/**
 * Adds batches to the rows of their streams in one statement, and returns the ledgers that changed. Null, and nothing is
 * changed, unless each stream's batches go on from what is committed of it.
 */
export async function advanceStreams(client: pg.PoolClient, batches: readonly StoredBatch[], now: Date): Promise<StreamLedger[] | null> {
  const byStream = new Map<string, Advance>();
  for (const batch of batches) {
    const key = streamKey(batch);
    const advance = byStream.get(key) ?? new Advance(batch);
    advance.add(batch);
    byStream.set(key, advance);
  }
  const all = [...byStream.values()];
  if (all.length === 0) return [];
  if (!all.every((a) => a.unbroken)) return null;
  const { rows } = await client.query<StreamRow>({
    name: "advance-streams",
    text: ADVANCE_SQL,
    values: [
      now,
      all.map((a) => a.first.hostId),
      all.map((a) => a.first.bootId),
      all.map((a) => BigInt.asIntN(64, a.first.stream).toString()),
      ...columns.map(({ of }) => all.map(of)),
      ...batchKinds.map((kind) => all.map((a) => a.before[kind]?.toString() ?? null)),
    ],
  });
  return rows.length === all.length ? rows.map(toLedger) : null;
}

function toLedger(row: StreamRow): StreamLedger {
  return {
    hostId: row.host_id,
    stream: BigInt(row.stream),
    since: row.since,
    sampleN: BigInt(row.sample_n),
    snaplen: row.snaplen,
    seen: BigInt(row.seen),
    unmatched: BigInt(row.unmatched),
    sampledOut: BigInt(row.sampled_out),
    ringLost: BigInt(row.ring_lost),
    noReader: BigInt(row.no_reader),
    delivered: BigInt(row.delivered),
    queueLost: BigInt(row.queue_lost),
    stored: BigInt(row.stored),
    refused: BigInt(row.refused),
    flows: BigInt(row.flows),
    flowFrames: BigInt(row.flow_frames),
    unflowed: BigInt(row.unflowed),
    nonFlow: BigInt(row.non_flow),
    flowsLost: BigInt(row.flows_lost),
    flowsRefused: BigInt(row.flows_refused),
  };
}
