import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startDatabase, type TestDatabase } from "../../../test/database.ts";
import { listPartitions, makePartitions } from "./partitions.ts";
import { createSummariser } from "./summarise.ts";
import { defaultRetention } from "./tables.ts";

const noon = Date.UTC(2026, 10, 20, 12);
const ROWS = 240_000;
let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await startDatabase();
  ({ pool } = database);
  await makePartitions(pool, await listPartitions(pool), defaultRetention, noon);
});
afterAll(() => database.stop());

/** Batches of 2,400 flows of one host with 2,000 peers and as many ephemeral ports. */
const FLOWS_SQL = `INSERT INTO flow_records SELECT $1::timestamptz + i / 2400 * interval '1 s', i, 5, 5, 1000, 0, batch % 100, batch % 100,
    CASE WHEN incoming THEN ephemeral ELSE 443 END, CASE WHEN incoming THEN 443 ELSE ephemeral END, 0, -1, -1, 6, 27,
    CASE WHEN incoming THEN '1' ELSE '2' END::"char", '0', '0', '1',
    CASE WHEN incoming THEN peer ELSE own END, CASE WHEN incoming THEN own ELSE peer END
  FROM (SELECT i, i / 2400 AS batch, i % 2 = 0 AS incoming, 32768 + i * 7919 % 28000 AS ephemeral, '10.1.0.0'::inet + i / 2400 % 100 AS own,
    '10.64.0.0'::inet + i::bigint * 104729 % 200000 AS peer FROM generate_series(0, $2::int - 1) i) flows`;

test("a flow record between IPv4 addresses takes at most 120 bytes with its indexes, and a rare one is found in few pages", async () => {
  await pool.query(FLOWS_SQL, [new Date(noon), ROWS]);
  await pool.query(
    `INSERT INTO flow_records SELECT $1, 1, 1, 1, 0, 0, 7, 7, 44444, 31337, 0, -1, -1, 6, 0, '1', '0', '0', '1', '203.0.113.77', '10.1.0.6'`,
    [new Date(noon + 100_000)],
  );
  const summarise = createSummariser({ now: () => 0 });
  await summarise(pool, await listPartitions(pool));
  const [partition] = (await listPartitions(pool)).filter((one) => one.table === "flow_records" && one.from === noon);
  const each = partition!.bytes / (ROWS + 1);
  console.info(`${each.toFixed(1)} bytes a flow record, ${(partition!.rowBytes / (ROWS + 1)).toFixed(1)} of them the row's own`);
  expect(each).toBeLessThanOrEqual(120);

  await pool.query("ANALYZE flow_records");
  const { rows } = await pool.query<{ "QUERY PLAN": object }>(
    "EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM flow_records WHERE source_address = '203.0.113.77' AND destination_port = 31337",
  );
  const plan = JSON.stringify(rows[0]!["QUERY PLAN"]);
  const read = [...plan.matchAll(/"(?:Lossy|Exact) Heap Blocks":(\d+)/g)].reduce((sum, one) => sum + Number(one[1]), 0);
  expect(plan).toContain('"Bitmap Index Scan"');
  expect(read).toBeLessThanOrEqual(partition!.rowBytes / 8192 / 20);
});

test("what comes after a summary is found too, and summarised next time", async () => {
  const summarise = createSummariser({ now: () => 0 });
  const unsummarised = async (): Promise<number> => {
    const { rows } = await pool.query<{ n: number }>(
      "SELECT brin_summarize_new_values(c.oid)::int AS n FROM pg_class c WHERE relname LIKE 'flow_records_2026112013%idx'",
    );
    expect(rows).toHaveLength(1);
    return rows[0]!.n;
  };
  await pool.query(FLOWS_SQL, [new Date(noon + 3_600_000), 24_000]);
  await summarise(pool, await listPartitions(pool));
  expect(await unsummarised()).toBe(0);
  await pool.query(FLOWS_SQL, [new Date(noon + 3_700_000), 24_000]);
  const found = await pool.query("SELECT count(*)::int AS n FROM flow_records WHERE at >= $1", [new Date(noon + 3_700_000)]);
  expect(found.rows).toEqual([{ n: 24_000 }]);
  await summarise(pool, await listPartitions(pool));
  expect(await unsummarised()).toBe(0);
});

test("what takes too long goes on with the next call, where it ended", async () => {
  await pool.query(FLOWS_SQL, [new Date(noon + 7_200_000), 240_000]);
  let now = 0;
  const summarise = createSummariser({ now: () => (now += 1_500) }); // time for one stretch of pages
  const stretches: unknown[] = [];
  const on = {
    query: (sql: string, values: unknown[]) => {
      if (sql.includes("brin_summarize_range")) stretches.push(values.slice(1, 3));
      return pool.query(sql, values);
    },
  } as unknown as pg.Pool;
  const partitions = (await listPartitions(pool)).filter((one) => one.name === "flow_records_2026112014");
  const pages = partitions[0]!.rowBytes / 8192;
  for (let calls = 0; calls < 3; calls++) await summarise(on, partitions);
  expect(stretches).toEqual([
    [0, 2047],
    [2048, pages - 1],
  ]);
  const { rows } = await pool.query<{ n: number }>(
    "SELECT brin_summarize_new_values(c.oid)::int AS n FROM pg_class c WHERE relname LIKE 'flow_records_2026112014%idx'",
  );
  expect(rows).toEqual([{ n: 0 }]);
});
