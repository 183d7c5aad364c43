import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import type { Logger } from "pino";
import { PrismaClient } from "../../../../../prisma/generated/client.ts";
import { LANES } from "../hub/committer.ts";
import { applyMigrations } from "./migrate.ts";
import { ConfigError } from "./config.ts";
import { openQueries } from "./queries-pool.ts";

export type Database = {
  readonly prisma: PrismaClient;
  /** The series' own pool: agents' hellos and upkeep never wait for a page's queries. */
  readonly series: pg.Pool;
  /** For ingest transactions alone: always warm, and no hello, however many come at once, is in their way. */
  readonly commits: pg.Pool;
  /** The questions' own pool: read only, few and bounded in time, so that ingest and pages never wait for them. */
  readonly queries: pg.Pool;
  close(): Promise<void>;
};

/** Connects, applies the migrations that are due, and opens the pools. Throws ConfigError when the database does not answer. */
export async function openDatabase(url: string, migrationsDir: string, log: Logger): Promise<Database> {
  const client = await connect(url);
  try {
    const applied = await applyMigrations(client, migrationsDir);
    if (applied.length > 0) log.info({ event: "migrated", applied }, "migrations applied");
  } finally {
    await client.end();
  }
  const series = new pg.Pool({ connectionString: url, max: 8, connectionTimeoutMillis: 5000, application_name: "sonde-series" });
  const commits = openCommits(url);
  const state = new pg.Pool({ connectionString: url, max: 8, connectionTimeoutMillis: 5000, application_name: "sonde-hub" });
  const queries = openQueries(url);
  for (const pool of [series, commits, state, queries]) {
    pool.on("error", (error) => log.warn({ event: "database-connection", error: error.message }, "an idle database connection broke"));
    // The pool listens to idle ones only; of one in use the query that runs, or the next, fails with the same words.
    pool.on("connect", (client) => client.on("error", () => {}));
  }
  const prisma = new PrismaClient({ adapter: new PrismaPg(state) });
  const close = async (): Promise<void> => {
    await prisma.$disconnect();
    await Promise.all([series.end(), commits.end(), state.end(), queries.end()]);
  };
  let closing: Promise<void> | undefined;
  return { prisma, series, commits, queries, close: () => (closing ??= close()) };
}

/** As many connections as there are commits at a time; they stay, because a new one has to learn all tables first. */
function openCommits(url: string): pg.Pool {
  return new pg.Pool({
    connectionString: url,
    max: LANES,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 5000,
    application_name: "sonde-commits",
  });
}

async function connect(url: string): Promise<pg.Client> {
  try {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, application_name: "sonde-migrate" });
    client.on("error", () => {});
    await client.connect();
    return client;
  } catch (error) {
    // The URL may hold a password: only the driver's own words are shown.
    throw new ConfigError(`DATABASE_URL: the database does not answer (${reason(error)})`, { cause: error });
  }
}

function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join("; ");
  return error instanceof Error ? error.message.split("\n")[0]! : "unknown";
}
