import type { Queryable } from "./levels.ts";
import type { Partition } from "./partitions.ts";

const SUMMARISE_SQL = `SELECT sum(brin_summarize_new_values(c.oid)) FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
  JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'brin' AND x.indrelid = to_regclass($1)`;

/**
 * Brings the BRIN indexes up to date. Rows are written without them, which is cheap: queries read pages that no
 * summary covers, and this leaves few. Only partitions that grew since the last call are looked at.
 */
export function createSummariser(): (on: Queryable, partitions: readonly Partition[]) => Promise<void> {
  let seen = new Map<string, number>();
  return async (on, partitions) => {
    const next = new Map<string, number>();
    for (const { name, rowBytes } of partitions) {
      if (rowBytes !== (seen.get(name) ?? 0)) await on.query(SUMMARISE_SQL, [name]);
      next.set(name, rowBytes);
    }
    seen = next;
  };
}
