import { BatchKind, type ErrorCode } from "@sonde/protocol";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { counterColumns } from "./counter-columns.ts";
import type { EncodedCounters } from "./encode-counters.ts";
import type { LedgerRow } from "./ledger.ts";

/** What is stored of one batch. `refusal` set: only its sequence and its loss are. */
export type StoredBatch = {
  readonly hostId: string;
  readonly bootId: string;
  readonly stream: bigint;
  readonly kind: BatchKind;
  readonly sequence: bigint;
  /** Records of a record batch; 0 for counters. */
  readonly records: number;
  readonly sampleN: number;
  readonly snaplen: number;
  /** Cumulative per stream. */
  readonly queueLost: bigint;
  readonly counters: EncodedCounters | null;
  readonly refusal: ErrorCode | null;
};
export type Refusals = ReadonlyMap<string, { readonly hostId: string; readonly code: string; readonly batches: number }>;
export type StreamLedger = LedgerRow & { readonly hostId: string };

/** Header (signature, flags, no extension) and trailer of Postgres' binary COPY format. */
const COPY_HEADER = Buffer.from("5047434f50590aff0d0a000000000000000000", "hex");
const COPY_TRAILER = Buffer.from("ffff", "hex");
const COPY_SQL = `COPY interface_counters (${counterColumns.join(", ")}) FROM STDIN (FORMAT binary)`;
const MAX_LOST = 2n ** 62n;
const MAX_SNAPLEN = 65_535;

/**
 * Commits batches of any hosts in one transaction and returns the ledgers they changed. The streams' rows are
 * locked and read first: a batch that is already in, because an earlier commit's answer was lost, is left out, so
 * that trying again never counts twice (SPEC 4.4).
 */
export async function commitBatches(
  pool: pg.Pool,
  batches: readonly StoredBatch[],
  refusals: Refusals,
  now: Date,
): Promise<StreamLedger[]> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("BEGIN");
    const fresh = await notYetCommitted(client, batches);
    await copyRows(client, fresh);
    const ledgers = await advanceStreams(client, fresh, now);
    await countRefusals(client, refusals, now);
    await client.query("COMMIT");
    return ledgers;
  } catch (error) {
    await client.query("ROLLBACK").catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken);
  }
}

export function streamKey(of: { hostId: string; bootId: string; stream: bigint }): string {
  return `${of.hostId}/${of.bootId}/${of.stream}`;
}

type Position = { hostId: string; bootId: string; stream: bigint; recordsSeq: bigint; countersSeq: bigint };

async function notYetCommitted(client: pg.PoolClient, batches: readonly StoredBatch[]): Promise<StoredBatch[]> {
  const streams = [...new Map(batches.map((batch) => [streamKey(batch), batch])).values()];
  const { rows } = await client.query<{ host_id: string; boot_id: string; stream: string; records_seq: string; counters_seq: string }>(
    `SELECT s.host_id, s.boot_id, s.stream, s.records_seq, s.counters_seq FROM agent_stream s
     JOIN unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS k(host_id, boot_id, stream) USING (host_id, boot_id, stream)
     ORDER BY s.host_id, s.boot_id, s.stream FOR UPDATE OF s`,
    [streams.map((s) => s.hostId), streams.map((s) => s.bootId), streams.map((s) => signed(s.stream))],
  );
  const positions = new Map<string, Position>();
  for (const row of rows) {
    const position = {
      hostId: row.host_id,
      bootId: row.boot_id,
      stream: BigInt.asUintN(64, BigInt(row.stream)),
      recordsSeq: BigInt(row.records_seq),
      countersSeq: BigInt(row.counters_seq),
    };
    positions.set(streamKey(position), position);
  }
  return batches.filter((batch) => {
    const position = positions.get(streamKey(batch));
    if (!position) throw new NotStorable("a batch of a stream that was never announced");
    const field = batch.kind === BatchKind.records ? "recordsSeq" : "countersSeq";
    if (batch.sequence <= position[field]) return false;
    if (batch.sequence !== position[field] + 1n) throw new NotStorable("a batch whose predecessor was not committed");
    position[field] = batch.sequence;
    return true;
  });
}

/** Refused like bad data (class 22 of Postgres' codes): the host's waiting batches are lost, and the agent sends them again. */
class NotStorable extends Error {
  readonly code = "22000";
}

function signed(stream: bigint): string {
  return BigInt.asIntN(64, stream).toString();
}

async function copyRows(client: pg.PoolClient, batches: readonly StoredBatch[]): Promise<void> {
  const chunks = batches.flatMap((batch) => (batch.counters && batch.counters.rowCount > 0 ? [batch.counters.rows] : []));
  if (chunks.length === 0) return;
  const stream = client.query(copyFrom(COPY_SQL));
  await new Promise<void>((resolve, reject) => {
    stream.once("error", reject).once("finish", resolve);
    stream.write(COPY_HEADER);
    for (const chunk of chunks) stream.write(chunk);
    stream.end(COPY_TRAILER);
  });
}

class Advance {
  records = 0n;
  counters = 0n;
  stored = 0;
  refused = 0;
  queueLost = 0n;
  seen = 0;
  unmatched = 0;
  sampledOut = 0;
  ringLost = 0;
  noReader = 0;
  delivered = 0;
  readonly first: StoredBatch;
  last: StoredBatch;
  constructor(first: StoredBatch) {
    this.first = first;
    this.last = first;
  }
  add(batch: StoredBatch): void {
    this.last = batch;
    if (batch.kind === BatchKind.records) this.records = batch.sequence;
    else this.counters = batch.sequence;
    if (batch.refusal === null) this.stored += batch.records;
    else this.refused += batch.records;
    if (batch.queueLost > this.queueLost) this.queueLost = batch.queueLost < MAX_LOST ? batch.queueLost : MAX_LOST;
    const sums = batch.counters?.sums;
    if (!sums) return;
    this.seen += sums.seen;
    this.unmatched += sums.unmatched;
    this.sampledOut += sums.sampledOut;
    this.ringLost += sums.ringLost;
    this.noReader += sums.noReader;
    this.delivered += sums.delivered;
  }
}

const ADVANCE_SQL = `UPDATE agent_stream s SET
    updated_at = $17, records_seq = GREATEST(s.records_seq, d.records_seq), counters_seq = GREATEST(s.counters_seq, d.counters_seq),
    sample_n = d.sample_n, snaplen = d.snaplen, queue_lost = GREATEST(s.queue_lost, d.queue_lost),
    stored = s.stored + d.stored, refused = s.refused + d.refused, seen = s.seen + d.seen, unmatched = s.unmatched + d.unmatched,
    sampled_out = s.sampled_out + d.sampled_out, ring_lost = s.ring_lost + d.ring_lost,
    no_reader = s.no_reader + d.no_reader, delivered = s.delivered + d.delivered
  FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::int[], $8::bigint[],
    $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[])
    AS d(host_id, boot_id, stream, records_seq, counters_seq, sample_n, snaplen, queue_lost,
      stored, refused, seen, unmatched, sampled_out, ring_lost, no_reader, delivered)
  WHERE s.host_id = d.host_id AND s.boot_id = d.boot_id AND s.stream = d.stream
  RETURNING s.*`;

type StreamRow = { host_id: string; stream: string; since: Date; sample_n: string; snaplen: number; seen: string; unmatched: string } & {
  sampled_out: string;
  ring_lost: string;
  no_reader: string;
  delivered: string;
  queue_lost: string;
  stored: string;
  refused: string;
};

async function advanceStreams(client: pg.PoolClient, batches: readonly StoredBatch[], now: Date): Promise<StreamLedger[]> {
  const byStream = new Map<string, Advance>();
  for (const batch of batches) {
    const key = streamKey(batch);
    const advance = byStream.get(key) ?? new Advance(batch);
    advance.add(batch);
    byStream.set(key, advance);
  }
  const all = [...byStream.values()];
  if (all.length === 0) return [];
  const column = <T>(of: (advance: Advance) => T): T[] => all.map(of);
  const { rows } = await client.query<StreamRow>(ADVANCE_SQL, [
    column((a) => a.first.hostId),
    column((a) => a.first.bootId),
    column((a) => signed(a.first.stream)),
    column((a) => a.records.toString()),
    column((a) => a.counters.toString()),
    column((a) => a.last.sampleN),
    column((a) => Math.min(a.last.snaplen, MAX_SNAPLEN)),
    column((a) => a.queueLost.toString()),
    column((a) => a.stored),
    column((a) => a.refused),
    column((a) => a.seen),
    column((a) => a.unmatched),
    column((a) => a.sampledOut),
    column((a) => a.ringLost),
    column((a) => a.noReader),
    column((a) => a.delivered),
    now,
  ]);
  return rows.map((row) => ({
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
  }));
}

async function countRefusals(client: pg.PoolClient, refusals: Refusals, now: Date): Promise<void> {
  if (refusals.size === 0) return;
  const all = [...refusals.values()];
  await client.query(
    `INSERT INTO batch_refusal (host_id, code, batches, last_at)
     SELECT host_id, code, batches, $4 FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS r(host_id, code, batches)
     ON CONFLICT (host_id, code) DO UPDATE SET batches = batch_refusal.batches + EXCLUDED.batches, last_at = EXCLUDED.last_at`,
    [all.map((r) => r.hostId), all.map((r) => r.code), all.map((r) => r.batches), now],
  );
}
