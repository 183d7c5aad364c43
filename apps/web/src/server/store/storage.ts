import type { StorageReport, TableStorage } from "@sonde/protocol/rest";
import { isLow, LEAST_FREE, type Disk, type ReadDisk } from "./disk.ts";
import { DAY_MS, HOUR_MS, type Queryable } from "./levels.ts";
import { listPartitions, type Partition } from "./partitions.ts";
import { LOW_DISK_QUIET_MS, limitsOut, readSettings } from "./settings.ts";
import { partitionMs, storedTables, type Limits } from "./tables.ts";

/** Rows are written about in the order of their times: the oldest of a partition is among its first. 16 MB of 8 kB pages. */
const LOOKED_AT_PAGES = 2_048;
/** A pace is measured over no less. */
const LEAST_MEASURED_MS = HOUR_MS;

const FACTS_SQL = `SELECT pg_database_size(current_database())::float8 AS bytes,
  extract(epoch FROM (SELECT min(since) FROM agent_stream))::float8 * 1000 AS began`;
const CAPTURES_SQL = `SELECT (SELECT count(*) FROM capture)::int AS count, pg_total_relation_size('capture_batch')::float8 AS bytes`;
const ROWS_SQL = `SELECT p.relname AS table, sum(GREATEST(c.reltuples, 0))::float8 AS rows,
    sum(c.relpages::float8 * current_setting('block_size')::int) AS row_bytes
  FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
  WHERE p.oid = ANY($1::regclass[]) GROUP BY 1`;

/** What is stored, how fast it grows and how long there is room for it. */
export async function readStorage(on: Queryable, readDisk: ReadDisk, now: number): Promise<StorageReport> {
  const partitions = await listPartitions(on);
  const settings = await readSettings(on);
  const facts = await on.query<{ bytes: number; began: number | null }>(FACTS_SQL);
  const { bytes: databaseBytes, began } = facts.rows[0]!;
  const counted = await on.query<{ table: string; rows: number; row_bytes: number }>(ROWS_SQL, [storedTables]);
  const oldest = await oldestRows(on, partitions);
  const captures = await on.query<{ count: number; bytes: number }>(CAPTURES_SQL);
  const disk = await readDisk(on);
  const tables = storedTables.map((table): TableStorage => {
    const own = partitions.filter((one) => one.table === table);
    const limits = settings.retention[table];
    const bytes = own.reduce((sum, one) => sum + one.bytes, 0);
    const perDay = bytesPerDay(own, { length: partitionMs(table), began: began ?? now, now });
    const known = counted.rows.find((one) => one.table === table);
    return {
      table,
      bytes,
      rows: rowsOf(own, known?.rows ?? 0, known?.row_bytes ?? 0),
      partitions: own.length,
      oldest: oldest.get(table)?.toISOString() ?? null,
      bytesPerDay: perDay,
      limits: limitsOut(limits),
      daysLeft: daysUntilFull(limits, bytes, perDay),
    };
  });
  const last = settings.lowDisk;
  return {
    at: new Date(now).toISOString(),
    tables,
    databaseBytes,
    bytesPerDay: tables.some((one) => one.bytesPerDay !== null) ? tables.reduce((sum, one) => sum + (one.bytesPerDay ?? 0), 0) : null,
    disk: disk.state === "known" ? { ...disk, daysLeft: daysUntilLow(disk, tables) } : disk,
    lowDisk: {
      active: isLow(disk) || (last !== null && now - last.at < LOW_DISK_QUIET_MS),
      last: last && { ...last, at: new Date(last.at).toISOString(), since: new Date(last.since).toISOString() },
    },
    keepPackets: settings.keepPackets,
    captures: { ...captures.rows[0]!, keepDays: settings.captureDays },
  };
}

/** Of each table the time of its oldest row, without what came too late to be kept. */
async function oldestRows(on: Queryable, partitions: readonly Partition[]): Promise<ReadonlyMap<string, Date>> {
  const written = partitions.filter((one) => one.from !== -Infinity && one.rowBytes > 0);
  const first = storedTables.flatMap((table) => written.find((one) => one.table === table) ?? []);
  if (first.length === 0) return new Map();
  const parts = first.map(
    ({ table, name }) => `SELECT '${table}' AS table, min(at) AS at FROM "${name}" WHERE ctid < '(${LOOKED_AT_PAGES},0)'`,
  );
  const { rows } = await on.query<{ table: string; at: Date | null }>(parts.join(" UNION ALL "));
  return new Map(rows.flatMap(({ table, at }) => (at === null ? [] : [[table, at] as const])));
}

/** The database's estimate, spread over pages that came since it was made. */
function rowsOf(own: readonly Partition[], rows: number, rowBytes: number): number {
  const now = own.reduce((sum, one) => sum + one.rowBytes, 0);
  return rowBytes === 0 ? 0 : Math.round((rows * now) / rowBytes);
}

/** Of the whole partitions of the last day, or the last one where one is longer; else of the one that is being written, since the hub's `began`. */
function bytesPerDay(
  own: readonly Partition[],
  of: { readonly length: number; readonly began: number; readonly now: number },
): number | null {
  const whole = own.filter((one) => one.to <= of.now && one.to - one.from <= of.length && one.from >= of.began);
  const recent = whole.filter((one) => one.to > of.now - Math.max(DAY_MS, 2 * of.length));
  const pace = (bytes: number, ms: number): number => Math.round((bytes / ms) * DAY_MS);
  if (recent.length > 0) {
    return pace(
      recent.reduce((sum, one) => sum + one.bytes, 0),
      recent.reduce((sum, one) => sum + one.to - one.from, 0),
    );
  }
  const running = own.find((one) => one.from <= of.now && of.now < one.to);
  if (!running) return null;
  const ms = of.now - Math.max(running.from, of.began);
  return ms < LEAST_MEASURED_MS ? null : pace(running.bytes, ms);
}

function daysUntilFull({ keepMs, maxBytes }: Limits, bytes: number, perDay: number | null): number | null {
  if (maxBytes === null || perDay === null || perDay === 0) return null;
  if ((perDay * keepMs) / DAY_MS <= maxBytes) return null; // its age takes the oldest first
  return Math.max(0, (maxBytes - bytes) / perDay);
}

/** Each table grows at its pace until its limits hold it: days until together they leave a tenth of the disk. */
function daysUntilLow(disk: Extract<Disk, { state: "known" }>, tables: readonly TableStorage[]): number | null {
  let room = disk.freeBytes - disk.totalBytes * LEAST_FREE;
  if (room <= 0) return 0;
  const growing = tables
    .flatMap(({ bytesPerDay: perDay, bytes, limits: { keepHours, maxGigabytes } }) => {
      if (perDay === null || perDay === 0) return [];
      const most = Math.min((perDay * keepHours) / 24, maxGigabytes === null ? Infinity : maxGigabytes * 1e9);
      return [{ perDay, days: Math.max(0, (most - bytes) / perDay) }];
    })
    .toSorted((a, b) => a.days - b.days);
  let day = 0;
  let pace = growing.reduce((sum, one) => sum + one.perDay, 0);
  for (const { perDay, days } of growing) {
    const grown = (days - day) * pace;
    if (grown >= room) return day + room / pace;
    room -= grown;
    day = days;
    pace -= perDay;
  }
  return null;
}
