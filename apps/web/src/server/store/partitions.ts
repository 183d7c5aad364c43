import type pg from "pg";

const DAY_MS = 86_400_000;
const PREFIX = "interface_counters_";

/** Days are UTC; a partition is named by its day, interface_counters_20261120. */
function dayName(at: number): string {
  return PREFIX + new Date(at).toISOString().slice(0, 10).replaceAll("-", "");
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
  const { from, to } = partitionRange(now);
  const existing = await partitionNames(pool);
  const made: string[] = [];
  for (let day = from; day < to; day += DAY_MS) {
    const name = dayName(day);
    if (existing.includes(name)) continue;
    const [start, end] = [day, day + DAY_MS].map((at) => new Date(at).toISOString());
    await pool.query(`CREATE TABLE IF NOT EXISTS ${name} PARTITION OF interface_counters FOR VALUES FROM ('${start}') TO ('${end}')`);
    made.push(name);
  }
  const oldest = dayName(from);
  const dropped = existing.filter((name) => name < oldest);
  for (const name of dropped) await pool.query(`DROP TABLE IF EXISTS ${name}`);
  return { made, dropped };
}

async function partitionNames(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'interface_counters'::regclass ORDER BY 1`,
  );
  return rows.map((row) => row.name).filter((name) => /^interface_counters_\d{8}$/.test(name));
}
