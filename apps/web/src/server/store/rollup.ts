import { completeUntil, levelTables, SECOND_MS, seriesLevels, type Level, type LevelTable, type Queryable } from "./levels.ts";
import { due } from "./series.ts";

type Summed = keyof typeof due;

/** A bucket is added up when it has been over for so long: most of its rows are committed by then. */
const GRACE_MS = 5 * SECOND_MS;
/** A sum that would be higher than a bigint holds stays here: counts are the agents' word. */
const MOST = "9000000000000000000";

/** What tells the rows of a bucket apart, beside `at`; in the order of the level's unique index, which has `at` second. */
const keys: Record<Summed, readonly string[]> = {
  interface_counters: ["host_id", "interface_id"],
  filter_counters: ["host_id", "filter_set", "bit"],
  flow_records: ["host", "interface_id", "protocol", "direction", "verdict"],
};
/** Of these a bucket keeps the last and not the sum. */
const latest: readonly string[] = ["boot_ns"];

export const summedSeries = ["interface_counters", "filter_counters", "flow_records"] as const satisfies readonly Summed[];

/**
 * Moves what is due into a level, in one statement: taken out of its table, added up by bucket and key, added to the
 * level, and handed on as due to the next one. So every row is in each level exactly once, however late it was
 * committed and whoever does this at the same time: rows that are not committed yet are not seen, and stay due.
 * $1: rows before this time; $2: width of a bucket.
 */
function foldSql(series: Summed, level: Level, next: Level | undefined): string {
  const { columns } = due[series];
  const sums = columns.filter((name) => name !== "at" && !keys[series].includes(name));
  const bounded = (sum: string): string => `(CASE WHEN ${sum} > ${MOST} THEN ${MOST} ELSE ${sum} END)::bigint`;
  const selected = columns.map((name) => {
    if (name === "at") return "date_bin($2::interval, at, 'epoch') AS at";
    if (keys[series].includes(name)) return name;
    return latest.includes(name) ? `max(${name}) AS ${name}` : `${bounded(`sum(${name})`)} AS ${name}`;
  });
  const added = sums.map((name) => {
    if (latest.includes(name)) return `${name} = GREATEST(t.${name}, EXCLUDED.${name})`;
    return `${name} = COALESCE(${bounded(`t.${name}::numeric + EXCLUDED.${name}`)}, t.${name}, EXCLUDED.${name})`;
  });
  const list = columns.join(", ");
  const handedOn = next ? `, handed AS (INSERT INTO ${next.table}_due (${list}) SELECT ${list} FROM summed)` : "";
  return `WITH moved AS (DELETE FROM ${level.table}_due WHERE at < $1 RETURNING *),
    summed AS (SELECT ${selected.join(", ")} FROM moved GROUP BY date_bin($2::interval, moved.at, 'epoch'), ${keys[series].join(", ")})${handedOn}
    INSERT INTO ${level.table} AS t (${list}) SELECT ${list} FROM summed ORDER BY at
    ON CONFLICT (at, ${keys[series].join(", ")}) DO UPDATE SET ${added.join(", ")}`;
}

const folds = summedSeries.flatMap((series) => {
  const { levels } = seriesLevels[series];
  return levels.map((level: Level, i) => ({ level, finer: levels[i - 1]?.table, sql: foldSql(series, level, levels[i + 1]) }));
});

/** Buckets of a level that are over and were added up get a mark (completeUntil). */
const MARK_SQL = `INSERT INTO rollup_mark AS m (level, until) VALUES ($1, $2)
  ON CONFLICT (level) DO UPDATE SET until = GREATEST(m.until, EXCLUDED.until)`;

/** What a round of rollUp did: rows written to each level, where any were. */
export type RolledUp = ReadonlyMap<LevelTable, number>;

/**
 * Brings the levels up to date, the finer first: each gets the rows that are due of buckets that are over. `only`
 * leaves levels out. Must not run twice at a time on one connection; two hubs would only wait for each other.
 */
export async function rollUp(on: Queryable, now: number, only: (level: Level, until: number) => boolean = () => true): Promise<RolledUp> {
  const written = new Map<LevelTable, number>();
  const until = await completeUntil(on);
  for (const { level, finer, sql } of folds) {
    const before = finer === undefined ? now - GRACE_MS : until[finer].getTime();
    const cutoff = new Date(Math.floor(before / level.bucketMs) * level.bucketMs);
    if (!only(level, cutoff.getTime())) continue;
    const { rowCount } = await on.query(sql, [cutoff, `${level.bucketMs} milliseconds`]);
    await on.query(MARK_SQL, [level.table, cutoff]);
    if (until[level.table] < cutoff) until[level.table] = cutoff;
    if (rowCount) written.set(level.table, rowCount);
  }
  return written;
}

/** Makes room again in the tables of what is due, where rows were taken out. */
export async function vacuumDue(on: Queryable, levels: Iterable<LevelTable>): Promise<void> {
  for (const table of levels) await on.query(`VACUUM (TRUNCATE OFF) ${table}_due`);
}

/** Where rows wait to be added to a level. */
export const dueTables = levelTables.map((table) => `${table}_due` as const);
