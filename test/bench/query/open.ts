import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { applyMigrations } from "../../../apps/web/src/server/boot/migrate.ts";
import { HOUR_MS } from "../../../apps/web/src/server/store/levels.ts";
import { rollUp } from "../../../apps/web/src/server/store/rollup.ts";
import { startTestHub } from "../../../apps/web/test/hub.ts";
import { startPostgres } from "../../../apps/web/test/postgres.ts";
import { copyFlows, startClickHouse, type ClickHouse } from "./clickhouse.ts";
import { loadFlows, makeHosts } from "./load.ts";

const migrations = fileURLToPath(new URL("../../../prisma/migrations", import.meta.url));
const HOSTS = 100;
const HOURS = 24;
const TEN_MINUTES_MS = 600_000;

export type Bench = {
  /** Milliseconds since 1970 at which the records end. */
  readonly end: number;
  readonly hostNumbers: readonly number[];
  readonly bytesPerRecord: number;
  /** Asks the API as a signed-in browser does; throws unless it answers with 200. */
  ask(path: string): Promise<string>;
  readonly clickhouse: ClickHouse;
  stop(): Promise<void>;
};

/** Postgres with so many records and their sums, the hub on it, and ClickHouse with the same records. */
export async function openBench({ rows, seed }: { rows: number; seed: number }): Promise<Bench> {
  const closing: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.toReversed()) await close();
  };
  const step = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await run();
    console.error(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    return result;
  };
  try {
    const postgres = await startPostgres();
    closing.push(() => postgres.stop());
    const pool = new pg.Pool({ connectionString: postgres.url });
    pool.on("error", () => {}); // ended, it still hears the server stop
    const client = await pool.connect();
    await applyMigrations(client, migrations);
    client.release();
    const end = Math.floor(Date.now() / TEN_MINUTES_MS) * TEN_MINUTES_MS;
    await makePartitions(pool, end);
    const hosts = await makeHosts(pool, HOSTS);
    await step(`${rows} rows into Postgres`, () => loadFlows(pool, hosts, { seed, total: rows, from: end - HOURS * HOUR_MS, to: end }));
    await step("indexes and statistics", () => settle(pool));
    const hub = await startTestHub(postgres);
    closing.splice(0, 1, () => hub.stop());
    await step("sums", () => sumUp(pool));
    const bytesPerRecord = (await sizeOf(pool)) / rows;
    const clickhouse = await startClickHouse();
    closing.push(() => clickhouse.stop());
    await step("the same rows into ClickHouse", () => copyFlows(pool, clickhouse));
    await pool.end();
    const cookie = await hub.signIn();
    const ask = async (path: string): Promise<string> => {
      const response = await fetch(hub.url + path, { headers: { cookie } });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`);
      return text;
    };
    return { end, hostNumbers: hosts.map((host) => host.number), bytesPerRecord, ask, clickhouse, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** An hour each, as the store makes them while it runs: on a fresh start it would make one for all that has passed. */
async function makePartitions(pool: pg.Pool, end: number): Promise<void> {
  const last = Math.floor(end / HOUR_MS) * HOUR_MS;
  for (let from = last - HOURS * HOUR_MS; from <= last; from += HOUR_MS) {
    const [start, to] = [from, from + HOUR_MS].map((at) => new Date(at).toISOString());
    const name = `flow_records_${start!.slice(0, 13).replaceAll(/[-T]/g, "")}`;
    await pool.query(`CREATE TABLE ${name} PARTITION OF flow_records FOR VALUES FROM ('${start}') TO ('${to}')`);
  }
}

/** What the upkeep and autovacuum do within minutes. */
async function settle(pool: pg.Pool): Promise<void> {
  await pool.query("VACUUM (ANALYZE) flow_records");
  await pool.query("ANALYZE host, interface, host_label");
}

/** The sums that agents' batches would have left due, and the store's own job on them. */
async function sumUp(pool: pg.Pool): Promise<void> {
  await pool.query(
    `INSERT INTO flow_counters_1m_due (at, flows, frames, packets, bytes, host, interface_id, protocol, direction, verdict)
     SELECT date_bin('1 min', at, 'epoch'), count(*), sum(frames), sum(packets), sum(bytes), host, interface_id, protocol, direction, verdict
     FROM flow_records GROUP BY 1, 6, 7, 8, 9, 10`,
  );
  await rollUp(pool, Date.now());
  await pool.query("VACUUM (ANALYZE) flow_counters_1m, flow_counters_10m, flow_counters_1h");
}

async function sizeOf(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ bytes: string }>(
    "SELECT sum(pg_total_relation_size(inhrelid)) AS bytes FROM pg_inherits WHERE inhparent = 'flow_records'::regclass",
  );
  return Number(rows[0]?.bytes);
}
