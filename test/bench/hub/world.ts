import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { hubNeeds, startHub } from "../../../scripts/lib/hub.mjs";
import { root } from "../../../scripts/lib/paths.mjs";
import { startPostgres } from "../../../scripts/lib/postgres.mjs";
import { chooseIdentity } from "../../../scripts/lib/privilege.mjs";
import { makeSecret } from "../../../apps/web/src/server/secrets.ts";
import type { SimHost } from "../../support/sim-agent.ts";

export type HubWorld = {
  readonly url: string;
  readonly database: pg.Pool;
  /** Resident memory of the hub's process, bytes. */
  readonly hubRss: () => number;
  /** Enrolled, not connected. */
  readonly hosts: readonly SimHost[];
  /** A signed-in browser's cookie. */
  readonly signIn: () => Promise<string>;
  /** Ends the hub with SIGKILL and starts it again; resolves when it listens. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The hub as built, in a process of its own, on the embedded Postgres with fsync and synchronous commits as `npm start` has it. */
export async function createHubWorld(hostCount: number): Promise<HubWorld> {
  const folder = mkdtempSync("/tmp/sonde-hub-bench-");
  chmodSync(folder, 0o711); // the hub and Postgres run as another user
  const undo: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const identity = chooseIdentity({ clone: root, needs: hubNeeds, env: process.env });
    const postgres = await startPostgres({ data: join(folder, "postgres"), run: join(folder, "run"), identity });
    undo.push(postgres.stop);
    const url = `http://127.0.0.1:${await freePort()}`;
    const start = () =>
      startHub({
        databaseUrl: postgres.url,
        data: join(folder, "hub"),
        identity,
        env: { SONDE_URL: url },
      });
    let hub = await start();
    undo.push(() => hub.stop());
    const database = new pg.Pool({ connectionString: postgres.url, max: 4 });
    database.on("error", () => {});
    undo.push(() => database.end());
    return {
      url,
      database,
      hubRss: () => residentBytes(hub.child.pid),
      hosts: await enrol(database, hostCount),
      signIn: async () => signIn(url, await hub.admin("admin-link")),
      restart: async () => {
        process.kill(hub.child.pid, "SIGKILL");
        await hub.child.exited;
        hub = await start();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function enrol(database: pg.Pool, count: number): Promise<SimHost[]> {
  const made = Array.from({ length: count }, () => ({ hostId: randomUUID(), bootId: randomUUID(), ...makeSecret("snd_agent_") }));
  await database.query("INSERT INTO host (id, name) SELECT id, 'sim-' || left(id::text, 8) FROM unnest($1::uuid[]) AS h(id)", [
    made.map((one) => one.hostId),
  ]);
  await database.query(
    "INSERT INTO agent_credential (id, hash, host_id) SELECT gen_random_uuid(), hash, host FROM unnest($1::bytea[], $2::uuid[]) AS c(hash, host)",
    [made.map((one) => Buffer.from(one.hash)), made.map((one) => one.hostId)],
  );
  return made.map(({ hostId, bootId, secret }) => ({ hostId, bootId, credential: secret }));
}

async function signIn(url: string, link: string): Promise<string> {
  const response = await fetch(`${url}/api/auth/admin-link/consume`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ token: new URL(link).hash.slice(1) }),
  });
  if (!response.ok) throw new Error(`signing in: ${response.status} ${await response.text()}`);
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0])
    .join("; ");
}

function residentBytes(pid: number): number {
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  if (kb === undefined) throw new Error(`no resident memory of process ${pid}`);
  return Number(kb) * 1024;
}
