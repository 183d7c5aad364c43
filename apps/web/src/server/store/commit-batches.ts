import type { BatchKindName, ErrorCode } from "@sonde/protocol";
import type pg from "pg";
import type { Captured } from "./capture-take.ts";
import { addFilterTotals } from "./add-filter-totals.ts";
import { advanceStreams, type StreamLedger } from "./advance-streams.ts";
import { copySeries } from "./copy-series.ts";
import { keepCaptured } from "./keep-captured.ts";
import type { EncodedRows } from "./series.ts";
import { committedOf, sequenceColumns, streamKey, type SequenceRow } from "./streams.ts";

/** What is stored of one batch. `refusal` set: only its sequence and its loss are. */
export type StoredBatch = {
  readonly hostId: string;
  readonly bootId: string;
  readonly stream: bigint;
  readonly kind: BatchKindName;
  readonly sequence: bigint;
  /** Records, or flow records, of such a batch; 0 for counters. */
  readonly records: number;
  readonly sampleN: number;
  readonly snaplen: number;
  /** Cumulative per stream: of records, or in a flow batch of flow records. */
  readonly queueLost: bigint;
  readonly rows: EncodedRows | null;
  readonly captured: Captured | null;
  readonly refusal: ErrorCode | null;
};

/** What a commit changed: ledgers, and captures that packets came to. */
export type CommitResult = { readonly ledgers: StreamLedger[]; readonly captures: readonly string[] };

/**
 * Commits batches of any hosts in one transaction and returns what they changed. A batch that is already in, because an
 * earlier commit's answer was lost, is left out, so that trying again never counts twice (SPEC 4.4). Batches that bring
 * no rows take one statement, which is a transaction of its own.
 */
export async function commitBatches(pool: pg.Pool, batches: readonly StoredBatch[], now: Date): Promise<CommitResult> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    if (batches.every((batch) => batch.rows === null && batch.captured === null)) {
      const ledgers = await advanceStreams(client, batches, now);
      if (ledgers !== null) return { ledgers, captures: [] };
    }
    await client.query("BEGIN");
    const { fresh, ledgers } = await advance(client, batches, now);
    await copySeries(
      client,
      fresh.flatMap((batch) => batch.rows ?? []),
    );
    await addFilterTotals(client, fresh);
    const captures = await keepCaptured(client, fresh, now);
    await client.query("COMMIT");
    return { ledgers, captures };
  } catch (error) {
    await client.query("ROLLBACK").catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken);
  }
}

type Advanced = { readonly fresh: readonly StoredBatch[]; readonly ledgers: StreamLedger[] };

/** Brings the streams forward by these batches, which is nearly always all of them; else by those that are not in yet. */
async function advance(client: pg.PoolClient, batches: readonly StoredBatch[], now: Date): Promise<Advanced> {
  const ledgers = await advanceStreams(client, batches, now);
  if (ledgers !== null) return { fresh: batches, ledgers };
  const fresh = await notYetCommitted(client, batches);
  const advanced = await advanceStreams(client, fresh, now);
  if (advanced === null) throw new NotStorable("streams that moved while they were locked");
  return { fresh, ledgers: advanced };
}

const POSITIONS_SQL = `SELECT s.host_id, s.boot_id, s.stream, ${Object.values(sequenceColumns)
  .map((column) => `s.${column}`)
  .join(", ")} FROM agent_stream s
  JOIN unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS k(host_id, boot_id, stream) USING (host_id, boot_id, stream)
  ORDER BY s.host_id, s.boot_id, s.stream FOR UPDATE OF s`;

async function notYetCommitted(client: pg.PoolClient, batches: readonly StoredBatch[]): Promise<StoredBatch[]> {
  const streams = [...new Map(batches.map((batch) => [streamKey(batch), batch])).values()];
  const { rows } = await client.query<SequenceRow & { host_id: string; boot_id: string; stream: string }>({
    name: "stream-positions",
    text: POSITIONS_SQL,
    values: [streams.map((s) => s.hostId), streams.map((s) => s.bootId), streams.map((s) => BigInt.asIntN(64, s.stream).toString())],
  });
  const positions = new Map<string, Record<BatchKindName, bigint>>();
  for (const row of rows) {
    const stream = BigInt.asUintN(64, BigInt(row.stream));
    positions.set(streamKey({ hostId: row.host_id, bootId: row.boot_id, stream }), { ...committedOf(row) });
  }
  return batches.filter((batch) => {
    const position = positions.get(streamKey(batch));
    if (!position) throw new NotStorable("a batch of a stream that was never announced");
    if (batch.sequence <= position[batch.kind]) return false;
    if (batch.sequence !== position[batch.kind] + 1n) throw new NotStorable("a batch whose predecessor was not committed");
    position[batch.kind] = batch.sequence;
    return true;
  });
}

/** Refused like bad data (class 22 of Postgres' codes): the host's waiting batches are lost, and the agent sends them again. */
class NotStorable extends Error {
  readonly code = "22000";
}
