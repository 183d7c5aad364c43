import { captureDaysSchema, limitsSchema, storedTableSchema, type StorageLimits } from "@sonde/protocol/rest";
import { z } from "zod";
import { HOUR_MS, MINUTE_MS, type Queryable } from "./levels.ts";
import { defaultRetention, storedTables, type Limits, type Retention } from "./tables.ts";

/** Rows of the table setting that the store reads. */
export const settingKeys = {
  retention: "retention",
  keepPackets: "keep_packets",
  lowDisk: "low_disk",
  captureDays: "capture_days",
} as const;
/** How long captures are kept after their end unless an operator says otherwise. */
const CAPTURE_DAYS = 30;

/** A full disk is over when nothing had to go for so long. */
export const LOW_DISK_QUIET_MS = 10 * MINUTE_MS;

const retentionSchema = z.partialRecord(storedTableSchema, limitsSchema);
const lowDiskSchema = z.object({ at: z.number(), since: z.number(), partitions: z.number(), bytes: z.number() });
/** What a full disk took: the last time, since when, how much in all. Times in milliseconds since 1970. */
export type LowDisk = z.infer<typeof lowDiskSchema>;

export type StoreSettings = {
  readonly retention: Retention;
  readonly keepPackets: boolean;
  readonly lowDisk: LowDisk | null;
  readonly captureDays: number;
};

/** What operators set, and the defaults of the rest; what cannot be read counts as not set. */
export async function readSettings(on: Queryable): Promise<StoreSettings> {
  const { rows } = await on.query<{ key: string; value: unknown }>("SELECT key, value FROM setting WHERE key = ANY($1)", [
    Object.values(settingKeys),
  ]);
  const values = new Map(rows.map((row) => [row.key, row.value]));
  const set = retentionSchema.safeParse(values.get(settingKeys.retention)).data ?? {};
  const retention = Object.fromEntries(
    storedTables.map((table) => [table, set[table] ? limitsFrom(set[table]) : defaultRetention[table]]),
  ) as Retention;
  return {
    retention,
    keepPackets: values.get(settingKeys.keepPackets) === true,
    captureDays: captureDaysSchema.safeParse(values.get(settingKeys.captureDays)).data ?? CAPTURE_DAYS,
    lowDisk: lowDiskSchema.safeParse(values.get(settingKeys.lowDisk)).data ?? null,
  };
}

function limitsFrom({ keepHours, maxGigabytes }: StorageLimits): Limits {
  return { keepMs: keepHours * HOUR_MS, maxBytes: maxGigabytes === null ? null : Math.round(maxGigabytes * 1e9) };
}

/** Limits as people write them. */
export function limitsOut({ keepMs, maxBytes }: Limits): StorageLimits {
  return { keepHours: Math.round(keepMs / HOUR_MS), maxGigabytes: maxBytes === null ? null : maxBytes / 1e9 };
}

/** Notes what a full disk took. */
export async function saveLowDisk(on: Queryable, value: LowDisk): Promise<void> {
  await on.query(
    `INSERT INTO setting (key, value, updated_at) VALUES ($1, $2, $3)
     ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, updated_at = EXCLUDED.updated_at`,
    [settingKeys.lowDisk, JSON.stringify(value), new Date(value.at)],
  );
}
