import type pg from "pg";

/** Batches of a host that were refused with a code. Which key a pair has does not matter here. */
export type Refusals = ReadonlyMap<string, { readonly hostId: string; readonly code: string; readonly batches: number }>;

/** Adds to what is counted already; of hosts that are not there nothing is. */
export async function countRefusals(pool: pg.Pool, refusals: Refusals, now: Date): Promise<void> {
  const all = [...refusals.values()];
  await pool.query(
    `INSERT INTO batch_refusal (host_id, code, batches, last_at)
     SELECT host_id, code, batches, $4 FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS r(host_id, code, batches)
       JOIN host h ON h.id = r.host_id
     ON CONFLICT (host_id, code) DO UPDATE SET batches = batch_refusal.batches + EXCLUDED.batches, last_at = EXCLUDED.last_at`,
    [all.map((r) => r.hostId), all.map((r) => r.code), all.map((r) => r.batches), now],
  );
}
