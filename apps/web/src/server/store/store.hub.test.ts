import { readdirSync } from "node:fs";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrations, startEmptyDatabase, type TestDatabase } from "../../../test/database.ts";
import { applyMigrations } from "../boot/migrate.ts";
import { counterColumns } from "./counter-columns.ts";
import { series, seriesTables } from "./series.ts";

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await startEmptyDatabase();
  ({ pool } = database);
}, 60_000);
afterAll(() => database.stop());

test("migrations apply once, also when two hubs start at the same time", async () => {
  const clients = [await pool.connect(), await pool.connect()] as const;
  const applied = await Promise.all(clients.map((client) => applyMigrations(client, migrations)));
  const names = readdirSync(migrations).filter((name) => /^\d/.test(name));
  expect(applied.flat()).toEqual(names.toSorted());
  expect(await applyMigrations(clients[0], migrations)).toEqual([]);
  await pool.query("UPDATE _prisma_migrations SET checksum = 'x'");
  await expect(applyMigrations(clients[0], migrations)).rejects.toThrow(/edited after it was applied/);
  for (const client of clients) client.release();
});

test.each(seriesTables)("%s has exactly the columns that are copied in", async (table) => {
  const { rows } = await pool.query<{ column_name: string }>("SELECT column_name FROM information_schema.columns WHERE table_name = $1", [
    table,
  ]);
  expect(rows.map((row) => row.column_name).toSorted()).toEqual(series[table].toSorted());
});

test("interface_counters has a column for each of the protocol's counters but the reasons why a frame is malformed", () => {
  expect(counterColumns).toHaveLength(5 + 2 * (2 * 10 * 3 + 5 + 1 + 2 * 3 + 8 + 12));
});
