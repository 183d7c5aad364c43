import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startDatabase, type TestDatabase } from "../../../test/database.ts";
import { DAY_MS, HOUR_MS } from "./levels.ts";
import { listPartitions, makePartitions } from "./partitions.ts";
import { applyRetention } from "./retention.ts";
import { defaultRetention, storedTables, type StoredTable } from "./tables.ts";

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await startDatabase();
  ({ pool } = database);
}, 60_000);
afterAll(() => database.stop());

const noon = Date.UTC(2026, 10, 20, 12);
const make = async (now: number) => makePartitions(pool, await listPartitions(pool), defaultRetention, now);
const disk = async () => ({ state: "unknown", reason: "not asked" }) as const;
const onFailed = (table: StoredTable, error: unknown): never => {
  throw new Error(`${table}: ${String(error)}`);
};
const retain = async (now: number, retention = defaultRetention) =>
  applyRetention(pool, await listPartitions(pool), { retention, now, readDisk: disk, onFailed });

test("partitions reach from what is kept to six hours ahead, without gaps, at the first start and ever after", async () => {
  const made = await make(noon);
  expect(made.filter((name) => name.startsWith("flow_records"))).toEqual([
    "flow_records_past",
    "flow_records_2026111312",
    ...[12, 13, 14, 15, 16, 17].map((hour) => `flow_records_20261120${hour}`),
  ]);
  expect(made.filter((name) => /^interface_counters_(past|\d{10}$)/.test(name))).toEqual([
    "interface_counters_past",
    "interface_counters_2026111900",
    "interface_counters_2026112000",
  ]);
  expect(await make(noon)).toEqual([]);
  expect(await make(noon + 1)).toEqual(["flow_records_2026112018", "packet_records_2026112018"]);
  await make(noon + 3 * DAY_MS); // nobody was there for three days
  const all = await listPartitions(pool);
  for (const table of storedTables) {
    const own = all.filter((one) => one.table === table);
    expect(own[0]!.from).toBe(-Infinity);
    own.slice(1).forEach((one, i) => expect([one.name, one.from]).toEqual([one.name, own[i]!.to]));
    expect(own.at(-1)!.to).toBeGreaterThanOrEqual(noon + 3 * DAY_MS + 6 * HOUR_MS);
  }
});

const flow = (at: number): string =>
  `('${new Date(at).toISOString()}', 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, -1, -1, 6, 0, '1', '0', '0', '1', '192.0.2.1', '192.0.2.2')`;
const writeFlows = async (at: number, rows = 1) =>
  pool.query(
    `INSERT INTO flow_records SELECT v.* FROM (VALUES ${flow(at)}) v, generate_series(1, ${rows})`.replace("SELECT v.*", castFlow),
  );
const castFlow = `SELECT column1::timestamptz, column2, column3, column4, column5, column6, column7, column8, column9, column10, column11, column12,
  column13, column14, column15, column16::"char", column17::"char", column18::"char", column19::"char", column20::inet, column21::inet`;
const flowsLeft = async (): Promise<number> => Number((await pool.query("SELECT count(*) FROM flow_records")).rows[0].count);

test("what had its time is dropped by partition; what came too late for that is kept until the next round", async () => {
  const now = noon + 3 * DAY_MS;
  await retain(now);
  await writeFlows(now - 3 * DAY_MS);
  await writeFlows(now - 300 * DAY_MS);
  expect(await flowsLeft()).toBe(2);
  expect(await retain(now)).toEqual([{ why: "age", name: "flow_records_past", bytes: expect.any(Number) }]);
  expect(await flowsLeft()).toBe(1);
  const short = { ...defaultRetention, flow_records: { keepMs: DAY_MS, maxBytes: null } };
  expect((await retain(now, short)).map((one) => one.name)).toContain("flow_records_2026112012");
  expect(await flowsLeft()).toBe(0);
  await writeFlows(now - 3 * DAY_MS); // an agent that was cut off
  expect(await flowsLeft()).toBe(1);
});

test("a table past its size loses its oldest partitions, never the running hour's", async () => {
  const now = noon + 3 * DAY_MS;
  for (const at of [now, now + HOUR_MS, now + 2 * HOUR_MS]) await writeFlows(at, 20_000);
  const limit = { ...defaultRetention, flow_records: { keepMs: 7 * DAY_MS, maxBytes: 3_000_000 } };
  const dropped = await retain(now + 2 * HOUR_MS, limit);
  expect(dropped.filter((one) => one.why === "size").map((one) => one.name)).toEqual(
    expect.arrayContaining(["flow_records_2026112312", "flow_records_2026112313"]),
  );
  expect(await flowsLeft()).toBe(20_000);
  expect(await retain(now + 2 * HOUR_MS, { ...limit, flow_records: { keepMs: 7 * DAY_MS, maxBytes: 1 } })).toEqual([]);
  expect(await flowsLeft()).toBe(20_000);
});

test("on a full disk the oldest goes first, whatever its table, and only as much as is needed", async () => {
  const now = noon + 3 * DAY_MS + 2 * HOUR_MS;
  await pool.query(`INSERT INTO packet_records SELECT '${new Date(now - 10 * HOUR_MS).toISOString()}', 0, 0, 1, 60, 1, 1, 1, 1, -1, 6, 0, '1', '0', '0', '0',
    '192.0.2.1', '192.0.2.2' FROM generate_series(1, 20000)`);
  await writeFlows(now + HOUR_MS, 20_000);
  let asked = 0;
  const full = (rounds: number) => async () => ({ state: "known", totalBytes: 100, freeBytes: asked++ < rounds ? 9 : 10 }) as const;
  const upkeep = { retention: defaultRetention, now: now + HOUR_MS, onFailed };
  const first = await applyRetention(pool, await listPartitions(pool), { ...upkeep, readDisk: full(1) });
  expect(first).toMatchObject([{ why: "disk", name: expect.stringMatching(/^packet_records_/) }]);
  asked = 0;
  const second = await applyRetention(pool, await listPartitions(pool), { ...upkeep, readDisk: full(99) });
  expect(second.map((one) => one.name)).toContain("flow_records_2026112314");
  expect(await flowsLeft()).toBe(20_000); // of the running hour
  await writeFlows(now); // what was dropped takes rows still
});

test("queries that read a partition hold its dropping up, not the writing of rows", async () => {
  const now = noon + 3 * DAY_MS + 5 * HOUR_MS;
  const reader = await pool.connect();
  await reader.query("BEGIN; SELECT count(*) FROM flow_records");
  const failed: string[] = [];
  const limit = { ...defaultRetention, flow_records: { keepMs: HOUR_MS, maxBytes: null } };
  const partitions = await listPartitions(pool);
  const upkeep = { retention: limit, now, readDisk: disk, onFailed: (table: string) => void failed.push(table) };
  await applyRetention(pool, partitions, upkeep);
  expect(failed).toEqual(["flow_records"]);
  await writeFlows(now);
  await reader.query("COMMIT");
  reader.release();
  expect((await applyRetention(pool, await listPartitions(pool), upkeep)).length).toBeGreaterThan(0);
});
