import { fileURLToPath } from "node:url";
import pg from "pg";
import { applyMigrations } from "../src/server/boot/migrate.ts";
import { startPostgres } from "./postgres.ts";

export type TestDatabase = {
  readonly pool: pg.Pool;
  /** Ends the pool and the server. */
  stop(): Promise<void>;
};

export const migrations = fileURLToPath(new URL("../../../prisma/migrations", import.meta.url));

/** A Postgres of its own without any table. */
export async function startEmptyDatabase(): Promise<TestDatabase> {
  const postgres = await startPostgres();
  const pool = new pg.Pool({ connectionString: postgres.url });
  pool.on("error", () => {}); // ended, it does not wait for its sockets, which still hear the server stop
  return {
    pool,
    stop: async () => {
      await pool.end();
      await postgres.stop();
    },
  };
}

/** The same with the hub's tables. */
export async function startDatabase(): Promise<TestDatabase> {
  const database = await startEmptyDatabase();
  const client = await database.pool.connect();
  await applyMigrations(client, migrations);
  client.release();
  return database;
}
