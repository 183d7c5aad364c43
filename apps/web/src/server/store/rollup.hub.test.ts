import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chooseSeed, seeded } from "../../../../../test/support/random.ts";
import { startDatabase, type TestDatabase } from "../../../test/database.ts";
import { completeUntil, seriesLevels, type LevelTable } from "./levels.ts";
import { listPartitions, makePartitions } from "./partitions.ts";
import { dueTables, rollUp, summedSeries, vacuumDue } from "./rollup.ts";
import { defaultRetention } from "./tables.ts";

let database: TestDatabase;
let pool: pg.Pool;
const start = Date.UTC(2026, 10, 20, 12);
beforeAll(async () => {
  database = await startDatabase();
  ({ pool } = database);
  await makePartitions(pool, await listPartitions(pool), defaultRetention, start);
}, 60_000);
afterAll(() => database.stop());

const STEPS = 36;

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
type Insert = (client: pg.ClientBase, at: Date, pick: (below: number) => number) => Promise<unknown>;

/** Writes one row and what it adds, as a commit does, without the encoders. */
const writers: Record<(typeof summedSeries)[number], Insert> = {
  interface_counters: async (client, at, pick) => {
    const values = [at, uuid(pick(3)), pick(2), 1_000_000_000, pick(1e9), pick(1e9), pick(2) === 0 ? null : pick(1e9)];
    for (const table of ["interface_counters", "interface_counters_10s_due"])
      await client.query(
        `INSERT INTO ${table} (at, host_id, interface_id, interval_ns, boot_ns, rx_tcp4_bytes, tx_size_65536) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
        values,
      );
  },
  filter_counters: async (client, at, pick) => {
    const values = [at, uuid(pick(3)), 1_000_000_000, pick(1e9), pick(2), pick(1e6), pick(1e6), pick(10), pick(10), pick(1e6), pick(64)];
    for (const table of ["filter_counters", "filter_counters_10s_due"])
      await client.query(`INSERT INTO ${table} VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`, values);
  },
  flow_records: async (client, at, pick) => {
    const [frames, packets, bytes, host, nic, protocol, direction] = [
      pick(1e6),
      pick(1e6),
      pick(1e9),
      pick(3),
      pick(2),
      pick(3),
      1 + pick(2),
    ];
    await client.query(
      `INSERT INTO flow_records VALUES ($1, $2, $3, $4, 0, 0, $5, $6, 1, 2, 0, -1, -1, $7, 0, $8, '0', '0', '1', '192.0.2.1', '192.0.2.2')`,
      [at, bytes, frames, packets, host, nic, protocol, `${direction}`],
    );
    await client.query("INSERT INTO flow_counters_1m_due VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, '0')", [
      at,
      frames,
      packets,
      bytes,
      host,
      nic,
      protocol,
      `${direction}`,
    ]);
  },
};

/** Sums of a raw table by bucket and key, as text to compare; the level must hold just these rows. */
const expected = {
  interface_counters: `host_id, interface_id, sum(interval_ns)::bigint, max(boot_ns), sum(rx_tcp4_bytes)::bigint, sum(tx_size_65536)::bigint`,
  filter_counters: `host_id, filter_set, bit, sum(interval_ns)::bigint, max(boot_ns), sum(matched)::bigint, sum(sampled_out)::bigint,
    sum(ring_lost)::bigint, sum(no_reader)::bigint, sum(delivered)::bigint`,
  flow_records: `host, interface_id, protocol, direction, verdict, count(*), sum(frames)::bigint, sum(packets)::bigint, sum(bytes)::bigint`,
};
const stored = {
  interface_counters: `host_id, interface_id, interval_ns, boot_ns, rx_tcp4_bytes, tx_size_65536`,
  filter_counters: `host_id, filter_set, bit, interval_ns, boot_ns, matched, sampled_out, ring_lost, no_reader, delivered`,
  flow_records: `host, interface_id, protocol, direction, verdict, flows, frames, packets, bytes`,
};
const groups = { interface_counters: "1, 2, 3", filter_counters: "1, 2, 3, 4", flow_records: "1, 2, 3, 4, 5, 6" };

/** Rows that a level lacks or has too much, of buckets that ended before `until`. */
async function wrongRows(series: (typeof summedSeries)[number], table: LevelTable, bucketMs: number, until: Date): Promise<unknown[]> {
  const wanted = `SELECT date_bin('${bucketMs} milliseconds', at, 'epoch'), ${expected[series]} FROM ${series} WHERE at < $1 GROUP BY ${groups[series]}`;
  const held = `SELECT at, ${stored[series]} FROM ${table}`;
  const { rows } = await pool.query(`(${wanted} EXCEPT ALL (${held})) UNION ALL ((${held}) EXCEPT ALL ${wanted})`, [until]);
  return rows;
}

test("every level equals the raw rows after random late arrivals, commits in flight and two hubs at it", async () => {
  const seed = chooseSeed(process.env["SONDE_SEED"]);
  console.info(`seed ${seed} (SONDE_SEED=${seed})`);
  const { below: pick } = seeded(seed);
  const open: pg.PoolClient[] = [];
  const hours = 2;
  for (let step = 0; step < STEPS; step++) {
    const now = start + (step / STEPS) * hours * 3_600_000;
    const client = open.length < 3 && pick(3) > 0 ? await pool.connect() : (open.splice(pick(open.length), 1)[0] ?? (await pool.connect()));
    if (pick(2) === 0) {
      await client.query("COMMIT");
    }
    await client.query("BEGIN");
    for (let i = 0; i < 6; i++) {
      const late = pick(4) === 0 ? pick(hours * 3_600_000) : pick(20_000);
      for (const series of summedSeries) await writers[series](client, new Date(Math.max(start, now - late)), pick);
    }
    if (pick(2) === 0) open.push(client);
    else {
      await client.query(pick(8) === 0 ? "ROLLBACK" : "COMMIT");
      client.release();
    }
    await Promise.all([rollUp(pool, now), ...(pick(3) === 0 ? [rollUp(pool, now)] : [])]);
  }
  for (const client of open) {
    await client.query("COMMIT");
    client.release();
  }
  const end = start + (hours + 1) * 3_600_000 + 5_000;
  await rollUp(pool, end);
  const until = await completeUntil(pool);
  for (const series of summedSeries) {
    for (const { table, bucketMs } of seriesLevels[series].levels) {
      expect([table, until[table]]).toEqual([table, new Date(start + (hours + 1) * 3_600_000)]);
      expect([table, await wrongRows(series, table, bucketMs, until[table])]).toEqual([table, []]);
    }
  }
  for (const table of dueTables) expect([table, (await pool.query(`SELECT 1 FROM ${table}`)).rowCount]).toEqual([table, 0]);
  await vacuumDue(pool, ["flow_counters_1m"]);
}, 60_000);

test("a bucket is summed five seconds after its end, not before", async () => {
  const client = await pool.connect();
  const at = start + 4 * 3_600_000;
  await writers.interface_counters(client, new Date(at + 9_000), () => 1);
  client.release();
  const table = "interface_counters_10s";
  expect((await rollUp(pool, at + 14_999)).has(table)).toBe(false);
  expect((await completeUntil(pool))[table]).toEqual(new Date(at));
  expect((await rollUp(pool, at + 15_000)).get(table)).toBe(1);
  expect((await completeUntil(pool))[table]).toEqual(new Date(at + 10_000));
});

test("counts beyond what a column holds stay at the most and stop nothing", async () => {
  const at = new Date(start + 5 * 3_600_000);
  for (let i = 0; i < 2; i++) {
    await pool.query("INSERT INTO flow_counters_1m_due SELECT $1, 1, 1, 1, 8e18::bigint, 9, 9, 6, '1', '0' FROM generate_series(1, 3)", [
      at,
    ]);
    await rollUp(pool, at.getTime() + 3_700_000);
  }
  const { rows } = await pool.query("SELECT flows, bytes FROM flow_counters_1h WHERE host = 9");
  expect(rows).toEqual([{ flows: "6", bytes: "9000000000000000000" }]);
});
