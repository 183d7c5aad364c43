import type pg from "pg";

/** What is left of partitioned tables. */
export type Kept = {
  /** First moment that the table's partitions hold, milliseconds since 1970; Infinity when there is none. */
  from(table: string): number;
};

const SQL = `SELECT p.relname AS table, min(substring(pg_get_expr(c.relpartbound, c.oid) FROM 'FROM \\(''([^'']+)''\\)')::timestamptz) AS since
  FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
  WHERE p.relname = ANY($1::text[]) GROUP BY 1`;

/** Since when these tables have their rows: older partitions were dropped. */
export async function keptSince(pool: pg.Pool, tables: readonly string[]): Promise<Kept> {
  const { rows } = await pool.query<{ table: string; since: Date | null }>(SQL, [tables]);
  const since = new Map(rows.map((row) => [row.table, row.since?.getTime() ?? Infinity]));
  return { from: (table) => since.get(table) ?? Infinity };
}

const ROWS_SQL = `SELECT coalesce(sum(pg_relation_size(c.oid) * greatest(0, least(1, (extract(epoch FROM least(b.upper, $2) - greatest(b.lower, $1))
    / extract(epoch FROM b.upper - b.lower))))) / 110, 0)::float8 AS rows
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid,
    LATERAL (SELECT substring(pg_get_expr(c.relpartbound, c.oid) FROM 'FROM \\(''([^'']+)''\\)')::timestamptz AS lower,
      substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \\(''([^'']+)''\\)')::timestamptz AS upper) b
  WHERE i.inhparent = 'flow_records'::regclass AND b.upper > $1 AND b.lower < $2`;

/** About how many flow records there are in a range of time, from the size of its partitions. */
export async function flowRowsIn(pool: pg.Pool, from: number, to: number): Promise<number> {
  const { rows } = await pool.query<{ rows: number }>(ROWS_SQL, [new Date(from), new Date(to)]);
  return rows[0]?.rows ?? 0;
}
