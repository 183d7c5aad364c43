import type pg from "pg";
import { seriesTables, type SeriesTable } from "./series.ts";

const DAY_MS = 86_400_000;

/** Days are UTC; a partition is named by its table and day, interface_counters_20261120. */
function dayName(table: SeriesTable, at: number): string {
  return `${table}_${new Date(at).toISOString().slice(0, 10).replaceAll("-", "")}`;
}

function dayStart(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}

/** First moment that the kept partitions hold, and the first moment after them. */
export function partitionRange(now: number): { from: number; to: number } {
  return { from: dayStart(now - DAY_MS), to: dayStart(now) + 2 * DAY_MS };
}

/**
 * Makes the partitions of yesterday, today and tomorrow that are missing and drops those whose last moment is
 * more than 24 hours ago. Safe to run in several hubs at once. Returns the names made and dropped.
 */
export async function maintainPartitions(pool: pg.Pool, now: number): Promise<{ made: string[]; dropped: string[] }> {
  const changes = { made: [] as string[], dropped: [] as string[] };
  for (const table of seriesTables) {
    const { made, dropped } = await maintainTable(pool, table, now);
    changes.made.push(...made);
    changes.dropped.push(...dropped);
  }
  return changes;
}

async function maintainTable(pool: pg.Pool, table: SeriesTable, now: number): Promise<{ made: string[]; dropped: string[] }> {
  const { from, to } = partitionRange(now);
  const existing = await partitionNames(pool, table);
  const made: string[] = [];
  for (let day = from; day < to; day += DAY_MS) {
    const name = dayName(table, day);
    if (existing.includes(name)) continue;
    const [start, end] = [day, day + DAY_MS].map((at) => new Date(at).toISOString());
    await pool.query(`CREATE TABLE IF NOT EXISTS ${name} PARTITION OF ${table} FOR VALUES FROM ('${start}') TO ('${end}')`);
    made.push(name);
  }
  const oldest = dayName(table, from);
  const dropped = existing.filter((name) => name < oldest);
  for (const name of dropped) await pool.query(`DROP TABLE IF EXISTS ${name}`);
  return { made, dropped };
}

async function partitionNames(pool: pg.Pool, table: SeriesTable): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = $1::regclass ORDER BY 1`,
    [table],
  );
  return rows.map((row) => row.name).filter((name) => new RegExp(`^${table}_\\d{8}$`).test(name));
}
