import { chmodSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { hubNeeds } from "./hub.mjs";
import { root } from "./paths.mjs";
import { startPostgres } from "./postgres.mjs";
import { chooseIdentity } from "./privilege.mjs";

const folder = mkdtempSync("/tmp/sonde-pg-");
chmodSync(folder, 0o711); // Postgres runs as another user
const data = join(folder, "data");
const identity = chooseIdentity({ clone: root, needs: hubNeeds.filter((path) => path.endsWith("postgres")), env: process.env });
const start = () => startPostgres({ data, run: join(folder, "run"), identity, durable: false });
const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Processes that work in the cluster's folder. */
function servers(): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === data;
    } catch {
      return false;
    }
  });
}

test("a postmaster killed by SIGKILL: what it left at work is ended before the next start, and nothing committed is lost", async () => {
  const first = await start();
  stops.push(first.stop);
  const client = new pg.Client({ connectionString: first.url });
  client.on("error", () => {});
  await client.connect();
  await client.query("CREATE TABLE kept AS SELECT 42 AS value");
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  // It computes, and looks for no sign of its postmaster's death.
  const working = client.query("SELECT count(*) FROM generate_series(1, 1e12::bigint)").catch((error: unknown) => error);
  const postmaster = Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]);
  process.kill(postmaster, "SIGKILL");
  await first.child.exited;
  expect(servers()).toContain(String(rows[0]?.pid));
  const second = await start();
  stops.push(second.stop);
  expect(await working).toBeInstanceOf(Error);
  expect(servers()).not.toContain(String(rows[0]?.pid));
  const again = new pg.Client({ connectionString: second.url });
  await again.connect();
  expect((await again.query("SELECT value FROM kept")).rows).toEqual([{ value: 42 }]);
  await again.end();
});
