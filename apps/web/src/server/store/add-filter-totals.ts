import type pg from "pg";
import type { StoredBatch } from "./commit-batches.ts";
import type { FilterCounts } from "./series.ts";

type Total = { hostId: string } & { -readonly [Name in keyof FilterCounts]: FilterCounts[Name] };

const ADD_SQL = `INSERT INTO filter_total AS t (host_id, filter_set, bit, matched, sampled_out, ring_lost, no_reader, delivered)
  SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
  ON CONFLICT (host_id, filter_set, bit) DO UPDATE SET matched = t.matched + EXCLUDED.matched,
    sampled_out = t.sampled_out + EXCLUDED.sampled_out, ring_lost = t.ring_lost + EXCLUDED.ring_lost,
    no_reader = t.no_reader + EXCLUDED.no_reader, delivered = t.delivered + EXCLUDED.delivered`;

/** Adds the filter counters of batches to each host's totals. */
export async function addFilterTotals(client: pg.PoolClient, batches: readonly StoredBatch[]): Promise<void> {
  const totals = new Map<string, Total>();
  for (const { hostId, rows } of batches) {
    if (rows?.table !== "filter_counters") continue;
    for (const counts of rows.filters) add(totals, { hostId, ...counts });
  }
  if (totals.size === 0) return;
  const all = [...totals.values()];
  await client.query(ADD_SQL, [
    all.map((t) => t.hostId),
    all.map((t) => t.filterSet),
    all.map((t) => t.bit),
    all.map((t) => t.matched),
    all.map((t) => t.sampledOut),
    all.map((t) => t.ringLost),
    all.map((t) => t.noReader),
    all.map((t) => t.delivered),
  ]);
}

function add(totals: Map<string, Total>, more: Total): void {
  const key = `${more.hostId}/${more.filterSet}/${more.bit}`;
  const so = totals.get(key);
  if (so === undefined) {
    totals.set(key, more);
    return;
  }
  so.matched += more.matched;
  so.sampledOut += more.sampledOut;
  so.ringLost += more.ringLost;
  so.noReader += more.noReader;
  so.delivered += more.delivered;
}
