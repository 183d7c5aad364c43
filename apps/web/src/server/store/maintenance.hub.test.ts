import type pg from "pg";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startDatabase, type TestDatabase } from "../../../test/database.ts";
import { completeUntil } from "./levels.ts";
import { startMaintenance } from "./maintenance.ts";

const noon = Date.UTC(2026, 10, 20, 12);
let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await startDatabase();
  ({ pool } = database);
});
afterAll(() => database.stop());

/** A clock that is set by hand, and what it was asked to do again and again. */
function handClock() {
  const repeated: (() => void)[] = [];
  const clock = {
    at: noon,
    now: () => clock.at,
    every: (_ms: number, run: () => void) => {
      repeated.push(run);
      return () => void repeated.splice(repeated.indexOf(run), 1);
    },
    after: () => () => {},
  };
  return { clock, tick: () => repeated.forEach((run) => run()), repeated };
}

function logTo(lines: string[]) {
  return pino({ level: "debug" }, { write: (line: string) => void lines.push(line) });
}

const readDisk = async () => ({ state: "unknown", reason: "not asked" }) as const;

test("two hubs that start at once make the partitions once, and one of them at a time does the work", async () => {
  const lines: string[] = [];
  const { clock, repeated } = handClock();
  const hubs = await Promise.all([1, 2].map(() => startMaintenance({ pool, clock, log: logTo(lines), readDisk })));
  expect(lines.filter((line) => line.includes('"event":"partitions"'))).toHaveLength(1);
  const flow = `1, 9, 9, 900, 1, 1, 6, '1'::"char", '0'::"char"`;
  await pool.query(`INSERT INTO flow_counters_1m_due SELECT $1::timestamptz, ${flow} FROM generate_series(1, 1000)`, [new Date(noon)]);
  clock.at = noon + 3_700_000;
  await Promise.all(hubs.map((hub) => hub.round()));
  await hubs[0]!.round();
  for (const table of ["flow_counters_1m", "flow_counters_10m", "flow_counters_1h"]) {
    expect((await pool.query(`SELECT flows, bytes FROM ${table}`)).rows).toEqual([{ flows: "1000", bytes: "900000" }]);
  }
  expect((await completeUntil(pool)).flow_counters_1h).toEqual(new Date(noon + 3_600_000));
  await Promise.all(hubs.map((hub) => hub.stop()));
  expect(repeated).toEqual([]);
});

test("a hub that holds the lock keeps another from the work, not from its start's end", async () => {
  const { clock } = handClock();
  clock.at = noon + 4_000_000;
  const hub = await startMaintenance({ pool, clock, log: logTo([]), readDisk });
  const other = await pool.connect();
  await other.query("SELECT pg_advisory_lock($1)", [0x73_6f_6e_64]);
  await pool.query(`INSERT INTO flow_counters_1m_due VALUES ($1, 1, 1, 1, 1, 2, 1, 6, '1', '0')`, [new Date(noon)]);
  const count = async () => (await pool.query("SELECT 1 FROM flow_counters_1m WHERE host = 2")).rowCount;
  await hub.round();
  expect(await count()).toBe(0);
  await other.query("SELECT pg_advisory_unlock_all()");
  other.release();
  await hub.round();
  expect(await count()).toBe(1);
  await hub.stop();
});

test("one part of the upkeep that fails is logged and keeps the others from nothing", async () => {
  const lines: string[] = [];
  const { clock } = handClock();
  clock.at = noon + 4_000_000;
  const hub = await startMaintenance({ pool, clock, log: logTo(lines), readDisk });
  await pool.query("ALTER TABLE setting RENAME COLUMN value TO lost");
  await expect(hub.settingsChanged()).rejects.toThrow(/value/);
  await pool.query("ALTER TABLE setting RENAME COLUMN lost TO value");
  await pool.query("ALTER TABLE filter_counters_10s_due RENAME TO gone");
  await pool.query(
    `INSERT INTO flow_records SELECT $1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, -1, -1, 6, 0, '1', '0', '0', '1', '192.0.2.1', '192.0.2.2' FROM generate_series(1, 20000)`,
    [new Date(noon)],
  );
  await hub.round();
  expect(lines.some((line) => line.includes('"part":"rollups"'))).toBe(true);
  const { rows } = await pool.query<{ n: number }>(
    "SELECT brin_summarize_new_values(c.oid)::int AS n FROM pg_class c WHERE relname LIKE 'flow_records_2026112012%idx'",
  );
  expect(rows).toEqual([{ n: 0 }]);
  await pool.query("ALTER TABLE gone RENAME TO filter_counters_10s_due");
  await hub.stop();
});
