import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClientBase } from "pg";

/** The advisory lock that Prisma Migrate itself takes. */
const PRISMA_LOCK = 72707369;

const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

type Applied = { migration_name: string; checksum: string; finished_at: Date | null };

/**
 * Applies the migrations of `dir` that are due and returns their names. Keeps Prisma Migrate's own lock,
 * table and checksums, so that its CLI and this runner agree. A migration and its bookkeeping are one
 * transaction: one that fails leaves nothing behind. Throws when an applied one was edited since.
 */
export async function applyMigrations(client: ClientBase, dir: string): Promise<string[]> {
  await client.query("SELECT pg_advisory_lock($1)", [PRISMA_LOCK]);
  try {
    await client.query(BOOKKEEPING);
    const { rows } = await client.query<Applied>(
      "SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL",
    );
    const done = new Map(rows.map((row) => [row.migration_name, row]));
    const applied: string[] = [];
    for (const name of await migrationNames(dir)) {
      const sql = await readFile(join(dir, name, "migration.sql"), "utf8");
      if (await applyOne(client, name, sql, done.get(name))) applied.push(name);
    }
    return applied;
  } finally {
    await client.query("SELECT pg_advisory_unlock($1)", [PRISMA_LOCK]);
  }
}

/** Names of the migrations in `dir`, in the order they are applied. */
export async function migrationNames(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function applyOne(client: ClientBase, name: string, sql: string, before: Applied | undefined): Promise<boolean> {
  const checksum = createHash("sha256").update(sql).digest("hex");
  if (before?.finished_at) {
    if (before.checksum !== checksum) throw new Error(`migration ${name} was edited after it was applied`);
    return false;
  }
  if (before) throw new Error(`migration ${name} failed earlier; resolve it with prisma migrate resolve`);
  await client.query("BEGIN");
  try {
    await client.query(sql);
    await client.query(
      "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)",
      [randomUUID(), checksum, name],
    );
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
  return true;
}
