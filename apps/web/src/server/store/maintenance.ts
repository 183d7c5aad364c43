import type pg from "pg";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { readDisk as readRealDisk, type ReadDisk } from "./disk.ts";
import { DAY_MS, MINUTE_MS, type Level, type LevelTable, type Queryable } from "./levels.ts";
import { listPartitions, makePartitions } from "./partitions.ts";
import { applyRetention, type Dropped } from "./retention.ts";
import { rollUp, vacuumDue } from "./rollup.ts";
import { LOW_DISK_QUIET_MS, readSettings, saveLowDisk, type LowDisk, type StoreSettings } from "./settings.ts";
import { createSummariser } from "./summarise.ts";

/** One round of rollups; every few of them the rest. */
const ROUND_MS = 5_000;
const SUMMARISE_EVERY = 6;
const PARTITIONS_EVERY = 12;
/** The advisory lock of whichever hub does the work; "sonde" in ASCII, with the job's number. */
const JOB_LOCK = 0x73_6f_6e_64;

export type MaintenanceOptions = {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly log: Logger;
  /** Free disk; injected by tests. */
  readonly readDisk?: ReadDisk;
};
export type Maintenance = {
  /** Whether records of packets are stored, as of the last look at the settings. */
  keepsPackets(): boolean;
  /** Looks at the settings now; otherwise every round does. */
  settingsChanged(): Promise<void>;
  /** Does everything once, unless another hub is at it. */
  round(): Promise<void>;
  /** Idempotent; resolves when what runs has ended. */
  stop(): Promise<void>;
};

/**
 * Keeps the store in shape in the background: partitions ahead, limits, rollups, indexes. One hub at a time does it,
 * whichever takes the lock. Resolves when all partitions are there; rejects when the database does not make them.
 */
export async function startMaintenance({ pool, clock, log, readDisk = readRealDisk }: MaintenanceOptions): Promise<Maintenance> {
  const summarise = createSummariser(clock);
  const ranAt = new Map<LevelTable, { until: number; at: number }>();
  let settings: StoreSettings;
  const look = async (): Promise<void> => void (settings = await readSettings(pool));

  /** A level is looked at when a bucket ended, and each minute for what came late. */
  const isDue = (level: Level, until: number): boolean => {
    const last = ranAt.get(level.table);
    const now = clock.now();
    if (last && last.until === until && now - last.at < MINUTE_MS) return false;
    ranAt.set(level.table, { until, at: now });
    return true;
  };

  async function keepPartitions(on: Queryable): Promise<void> {
    const { retention, lowDisk } = await readSettings(on);
    const now = clock.now();
    const made = await makePartitions(on, await listPartitions(on), retention, now);
    const dropped = await applyRetention(on, await listPartitions(on), {
      retention,
      now,
      readDisk: () => readDisk(on),
      onFailed: (table, error) => log.warn({ event: "not-dropped", table, error: String(error) }, "partitions are in use; tried again"),
    });
    if (made.length + dropped.length > 0) log.info({ event: "partitions", made, dropped }, "partitions of the series changed");
    const forDisk = dropped.filter((one) => one.why === "disk");
    if (forDisk.length === 0) return;
    await saveLowDisk(on, addTo(lowDisk, forDisk, now));
    log.warn(
      { event: "low-disk", dropped: forDisk.map((one) => one.name) },
      "less than a tenth of the disk is free: the oldest was dropped",
    );
  }

  async function keepCaptures(on: Queryable): Promise<void> {
    const { captureDays } = await readSettings(on);
    const { rowCount } = await on.query(
      "DELETE FROM capture c USING filter f WHERE f.id = c.filter_id AND f.removed_at IS NOT NULL AND c.ended_at < $1",
      [new Date(clock.now() - captureDays * DAY_MS)],
    );
    if (rowCount) log.info({ event: "captures-deleted", captures: rowCount }, "captures had their time");
  }

  async function keepLevels(on: Queryable): Promise<void> {
    const written = await rollUp(on, clock.now(), isDue);
    await vacuumDue(on, written.keys());
  }

  /** One part that fails does not keep the others from their work. */
  async function work(on: Queryable, parts: { readonly partitions: boolean; readonly summarise: boolean }): Promise<void> {
    const attempt = async (part: string, run: () => Promise<void>): Promise<void> => {
      await run().catch((error: unknown) =>
        log.warn({ event: "maintenance", part, error: String(error) }, "upkeep failed; it is tried again"),
      );
    };
    if (parts.partitions) await attempt("partitions", () => keepPartitions(on));
    if (parts.partitions) await attempt("captures", () => keepCaptures(on));
    await attempt("rollups", () => keepLevels(on));
    if (parts.summarise) await attempt("indexes", async () => summarise(on, await listPartitions(on)));
  }

  let rounds = 0;
  let running: Promise<void> | null = null;
  const tick = (): void => {
    rounds++;
    running ??= (async () => {
      await look();
      const parts = { partitions: rounds % PARTITIONS_EVERY === 0, summarise: rounds % SUMMARISE_EVERY === 0 };
      await withJobLock(pool, (on) => work(on, parts));
    })()
      .catch((error: unknown) => log.warn({ event: "maintenance", error: String(error) }, "upkeep failed; it is tried again"))
      .finally(() => (running = null));
  };

  await withJobLock(pool, keepPartitions, true);
  settings = await readSettings(pool);
  const stopTimer = clock.every(ROUND_MS, tick);
  return {
    keepsPackets: () => settings.keepPackets,
    settingsChanged: look,
    round: async () => {
      await look();
      ranAt.clear();
      await withJobLock(pool, (on) => work(on, { partitions: true, summarise: true }));
    },
    stop: async () => {
      stopTimer();
      await running;
    },
  };
}

/** Runs on one connection while it holds the lock. Where another one holds it: waits, or leaves the work to that one. */
async function withJobLock(pool: pg.Pool, run: (on: Queryable) => Promise<void>, wait = false): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const take = wait ? "SELECT pg_advisory_lock($1) IS NOT NULL AS mine" : "SELECT pg_try_advisory_lock($1) AS mine";
    const { rows } = await client.query<{ mine: boolean }>(take, [JOB_LOCK]);
    if (!rows[0]!.mine) return;
    try {
      await run(client);
    } finally {
      await client.query("SELECT pg_advisory_unlock($1)", [JOB_LOCK]).catch((error: Error) => (broken = error));
    }
  } finally {
    client.release(broken);
  }
}

function addTo(before: LowDisk | null, dropped: readonly Dropped[], now: number): LowDisk {
  const going = before && now - before.at < LOW_DISK_QUIET_MS ? before : null;
  return {
    at: now,
    since: going?.since ?? now,
    partitions: (going?.partitions ?? 0) + dropped.length,
    bytes: (going?.bytes ?? 0) + dropped.reduce((sum, one) => sum + one.bytes, 0),
  };
}
