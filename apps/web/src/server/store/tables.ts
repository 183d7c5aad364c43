import { DAY_MS, HOUR_MS, levelTables, seriesLevels, type LevelTable } from "./levels.ts";
import { seriesTables, type SeriesTable } from "./series.ts";

/** Every table that is kept by time, in partitions. */
export type StoredTable = SeriesTable | LevelTable;
export const storedTables: readonly StoredTable[] = [...seriesTables, ...levelTables];

/** How long a table's rows are kept, and how many bytes with indexes at most. */
export type Limits = { readonly keepMs: number; readonly maxBytes: number | null };
export type Retention = Readonly<Record<StoredTable, Limits>>;

const GIGABYTE = 1e9;

const levels = Object.values(seriesLevels).flatMap((series) => series.levels);

/** What is kept unless an operator says otherwise. */
export const defaultRetention = {
  interface_counters: { keepMs: seriesLevels.interface_counters.keepMs, maxBytes: null },
  filter_counters: { keepMs: seriesLevels.filter_counters.keepMs, maxBytes: null },
  flow_records: { keepMs: seriesLevels.flow_records.keepMs, maxBytes: 50 * GIGABYTE },
  packet_records: { keepMs: DAY_MS, maxBytes: 10 * GIGABYTE },
  ...Object.fromEntries(levels.map(({ table, keepMs }) => [table, { keepMs, maxBytes: null }])),
} as Retention;

/** What one partition spans: hours of what comes in masses, days of seconds, weeks of minutes, 30 days of hours. */
export function partitionMs(table: StoredTable): number {
  if (table === "flow_records" || table === "packet_records") return HOUR_MS;
  const bucketMs = levels.find((level) => level.table === table)?.bucketMs ?? 0;
  if (bucketMs >= HOUR_MS) return 30 * DAY_MS;
  return bucketMs >= 60_000 ? 7 * DAY_MS : DAY_MS;
}
