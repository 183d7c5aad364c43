import { DAY_MS, HOUR_MS, type Queryable } from "./levels.ts";
import { partitionMs, storedTables, type Retention, type StoredTable } from "./tables.ts";

/** A partition: rows from a time until before another. The one that begins at -Infinity takes what comes too late to be kept. */
export type Partition = {
  readonly table: StoredTable;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** With indexes; and of the rows alone. */
  readonly bytes: number;
  readonly rowBytes: number;
};

/** Partitions reach so far beyond now, so that a database whose upkeep fails for hours still takes rows. */
const AHEAD_MS = 6 * HOUR_MS;
/** Rows may be so late: an agent that was cut off sends what its spool held. */
const LATE_MS = 7 * DAY_MS;
/** Rows may be so early: a host's clock is estimated. */
const EARLY_MS = HOUR_MS;
/** Dropping waits at most so long for running queries, and holds new rows up no longer. */
const LOCK_TIMEOUT_MS = 2_000;

/** The times that rows may have: the first moment that is stored as sent, and the first one that is too early. */
export function partitionRange(now: number): { from: number; to: number } {
  return { from: now - LATE_MS, to: now + EARLY_MS };
}

const LIST_SQL = `SELECT p.relname AS table, c.relname AS name, b.from, b.to,
    pg_total_relation_size(c.oid)::float8 AS bytes, pg_relation_size(c.oid)::float8 AS row_bytes
  FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid,
    LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid) AS text) bound,
    LATERAL (SELECT extract(epoch FROM substring(text FROM 'FROM \\(''([^'']+)''\\)')::timestamptz)::float8 * 1000 AS from,
                    extract(epoch FROM substring(text FROM 'TO \\(''([^'']+)''\\)')::timestamptz)::float8 * 1000 AS to) b
  WHERE p.oid = ANY($1::regclass[]) ORDER BY b.from NULLS FIRST`;

type Row = { table: StoredTable; name: string; from: number | null; to: number; bytes: number; row_bytes: number };

/** All partitions, each table's in the order of time. */
export async function listPartitions(on: Queryable): Promise<Partition[]> {
  const { rows } = await on.query<Row>(LIST_SQL, [storedTables]);
  return rows.map(({ from, row_bytes: rowBytes, ...row }) => ({ ...row, from: from ?? -Infinity, rowBytes }));
}

/**
 * Makes what is missing between the last partition of each table and some hours from now. A stretch that has passed
 * without partitions, as before the first start, gets one for all of it. Does not hold up rows that are being written.
 * Returns the names made.
 */
export async function makePartitions(on: Queryable, existing: readonly Partition[], retention: Retention, now: number): Promise<string[]> {
  const made: string[] = [];
  const statements: string[] = [];
  for (const table of storedTables) {
    const own = existing.filter((one) => one.table === table);
    const spans = missingSpans(own, partitionMs(table), { now, keepMs: retention[table].keepMs });
    if (own.length === 0) spans.unshift({ from: -Infinity, to: spans[0]!.from });
    for (const span of spans) {
      const name = nameOf(table, span.from);
      made.push(name);
      statements.push(...createSql(table, name, span));
    }
  }
  if (statements.length > 0) await on.query(statements.join("; "));
  return made;
}

type Span = { readonly from: number; readonly to: number };

function missingSpans(own: readonly Partition[], length: number, { now, keepMs }: { now: number; keepMs: number }): Span[] {
  const start = (at: number): number => Math.floor(at / length) * length;
  const spans: Span[] = [];
  let at = own.at(-1)?.to ?? start(now - keepMs);
  if (at < start(now)) {
    spans.push({ from: at, to: start(now) });
    at = start(now);
  }
  while (at < now + AHEAD_MS) {
    const to = start(at) + length;
    spans.push({ from: at, to });
    at = to;
  }
  return spans;
}

/**
 * Drops the partitions of a table that end by `through`, and all that came too late for the others. Throws
 * Postgres' 55P03 when running queries held them for too long; nothing is dropped then. Returns those that
 * held rows.
 */
export async function dropPartitions(on: Queryable, own: readonly Partition[], through: number): Promise<Partition[]> {
  const gone = own.filter((one) => one.from === -Infinity || one.to <= through);
  const first = own.find((one) => !gone.includes(one));
  if (first === undefined) return [];
  const past = nameOf(first.table, -Infinity);
  // several statements in one query are one transaction
  const statements = [
    `SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`,
    `DROP TABLE IF EXISTS ${[past, ...gone.map((one) => one.name).filter((name) => name !== past)].join(", ")}`,
    ...createSql(first.table, past, { from: -Infinity, to: first.from }),
  ];
  await on.query(statements.join("; "));
  return gone.filter((one) => one.rowBytes > 0);
}

/** Named by table and first hour in UTC: flow_records_2026112014. */
function nameOf(table: StoredTable, from: number): string {
  return `${table}_${from === -Infinity ? "past" : new Date(from).toISOString().slice(0, 13).replaceAll(/[-T]/g, "")}`;
}

/** Attached rather than made in place: the table is not locked against rows meanwhile. */
function createSql(table: StoredTable, name: string, { from, to }: Span): string[] {
  const lower = from === -Infinity ? "MINVALUE" : `'${new Date(from).toISOString()}'`;
  return [
    `CREATE TABLE ${name} (LIKE ${table} INCLUDING DEFAULTS)`,
    `ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM (${lower}) TO ('${new Date(to).toISOString()}')`,
  ];
}
