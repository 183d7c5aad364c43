import type { StoredTableName } from "@sonde/protocol/rest";
import type pg from "pg";

/** Anything that runs SQL: the pool, or one connection of it. */
export type Queryable = Pick<pg.ClientBase, "query">;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Sums of a finer table: one row for each bucket and key, `at` its start. */
export type Level = { readonly table: LevelTable; readonly bucketMs: number; readonly keepMs: number };
/** A series and its sums, finest first. `keepMs` are the defaults of what an operator may set. */
type Series = { readonly raw: string; readonly bucketMs: number | null; readonly keepMs: number; readonly levels: readonly Level[] };

export const levelTables = [
  "interface_counters_10s",
  "interface_counters_1m",
  "interface_counters_1h",
  "filter_counters_10s",
  "filter_counters_1m",
  "filter_counters_1h",
  "flow_counters_1m",
  "flow_counters_10m",
  "flow_counters_1h",
] as const satisfies readonly StoredTableName[];
export type LevelTable = (typeof levelTables)[number];

function countersBy(name: "interface_counters" | "filter_counters"): Series {
  return {
    raw: name,
    bucketMs: SECOND_MS,
    keepMs: DAY_MS,
    levels: [
      { table: `${name}_10s`, bucketMs: 10 * SECOND_MS, keepMs: 3 * DAY_MS },
      { table: `${name}_1m`, bucketMs: MINUTE_MS, keepMs: 30 * DAY_MS },
      { table: `${name}_1h`, bucketMs: HOUR_MS, keepMs: 365 * DAY_MS },
    ],
  };
}

/** What is summed, and into what. A query takes the coarsest level whose bucket its step is a multiple of. */
export const seriesLevels = {
  interface_counters: countersBy("interface_counters"),
  filter_counters: countersBy("filter_counters"),
  flow_records: {
    raw: "flow_records",
    bucketMs: null,
    keepMs: 7 * DAY_MS,
    levels: [
      { table: "flow_counters_1m", bucketMs: MINUTE_MS, keepMs: 30 * DAY_MS },
      { table: "flow_counters_10m", bucketMs: 10 * MINUTE_MS, keepMs: 90 * DAY_MS },
      { table: "flow_counters_1h", bucketMs: HOUR_MS, keepMs: 365 * DAY_MS },
    ],
  },
} as const satisfies Record<string, Series>;

/**
 * Up to when each level holds every row that was committed before it was last added to; the start of a bucket.
 * What is newer is in the raw table alone, and what comes late is added to its buckets within two minutes.
 */
export async function completeUntil(on: Queryable): Promise<Record<LevelTable, Date>> {
  const { rows } = await on.query<{ level: string; until: Date }>("SELECT level, until FROM rollup_mark");
  const marks = new Map(rows.map((row) => [row.level, row.until]));
  const of = (table: LevelTable): Date => marks.get(table) ?? new Date(0);
  return Object.fromEntries(levelTables.map((table) => [table, of(table)])) as Record<LevelTable, Date>;
}
