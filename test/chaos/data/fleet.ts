import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { enrolAgent, startAgent } from "../../../scripts/lib/agent.mjs";
import { hubNeeds, runAdmin, startHub } from "../../../scripts/lib/hub.mjs";
import { root } from "../../../scripts/lib/paths.mjs";
import { startPostgres } from "../../../scripts/lib/postgres.mjs";
import { asIdentity, chooseIdentity, environmentFor } from "../../../scripts/lib/privilege.mjs";
import { type Part, startChild } from "../../../scripts/lib/proc.mjs";
import { createLab } from "../../support/netns.ts";
import type { Random } from "../../support/random.ts";
import { startTraffic } from "../../support/traffic.ts";
import { type Kept, keep } from "./supervisor.ts";

/** Where the hub is, seen from its own network. */
export const HUB = "https://10.77.0.1:7878";

export type LoadAgent = { readonly name: string; readonly hostId: string; readonly journal: string };
/** A hub on a durable Postgres, two hosts with real agents and everyday traffic, and agents that only make load: all kept running. */
export type Fleet = {
  readonly hub: Kept;
  readonly postgres: Kept;
  readonly agents: readonly Kept[];
  readonly load: readonly LoadAgent[];
  readonly hosts: number;
  /** Connections are opened anew: an old one may have died with the server. */
  readonly query: <T extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<T[]>;
  /** SIGKILL to one of Postgres's backends; false when there is none. */
  readonly killBackend: () => boolean;
  /** argv that asks the hub's API from inside its network. */
  readonly curl: (...args: readonly string[]) => string[];
  readonly adminLink: () => Promise<string>;
  readonly endTraffic: () => Promise<void>;
  /** In order, so that everything they hold is handed over. */
  readonly endAgents: () => Promise<void>;
  readonly close: () => Promise<void>;
};
export type FleetOptions = {
  readonly random: Random;
  readonly loadAgents: number;
  readonly batchesASecond: number;
  readonly onLine: (line: string) => void;
};

export async function startFleet({ random, loadAgents, batchesASecond, onLine }: FleetOptions): Promise<Fleet> {
  const folder = mkdtempSync("/tmp/sonde-chaos-");
  chmodSync(folder, 0o711); // the hub and Postgres run as another user
  const undo: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  const pauseMs = (): number => random.between(200, 2_000);
  try {
    const lab = createLab(["a", "b"]);
    undo.push(lab.close);
    lab.link({ ns: "a", name: "mgmt0", address: "10.77.0.1/24" }, { ns: "b", name: "mgmt0", address: "10.77.0.2/24" });
    const identity = chooseIdentity({ clone: root, needs: hubNeeds, env: process.env });
    const data = join(folder, "postgres");
    const run = join(folder, "run");
    const first = { url: "" };
    const postgres = await keep({
      name: "postgres",
      start: async (onStart) => void (first.url = (await startPostgres({ data, run, identity, onStart })).url),
      pauseMs,
      onLine,
    });
    undo.push(postgres.stop);
    const databaseUrl = await becomes(() => first.url, "Postgres");
    const query = async <T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> => {
      const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
      client.on("error", () => {});
      try {
        await client.connect();
        return (await client.query<T>(sql, values)).rows;
      } finally {
        await client.end().catch(() => {});
      }
    };
    /** What the hub itself calls an error. */
    const failures = (text: string): void => {
      if (/"level":[56]0/.test(text) || !text.startsWith("{")) onLine(`hub: ${text}`);
    };
    const hubOptions = {
      databaseUrl,
      data: join(folder, "hub"),
      identity,
      enter: lab.inside("a", []),
      env: { SONDE_URL: HUB },
      onLine: failures,
    };
    let pin: string | undefined;
    const hub = await keep({
      name: "hub",
      start: async (onStart) => void ({ pin = "" } = await startHub({ ...hubOptions, onStart })),
      pauseMs,
      onLine,
    });
    undo.push(hub.stop);
    const known = { url: HUB, pin: await becomes(() => pin, "the hub") };
    const enrol = async (state: string, enter: readonly string[]): Promise<void> =>
      enrolAgent({ state, enter, hub: known, token: await runAdmin(hubOptions, "enrol-token") });

    const agents: Kept[] = [];
    for (const short of ["a", "b"]) {
      const named = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', short];
      const options = { state: join(folder, `agent-${short}`), enter: lab.inside(short, named) };
      await enrol(options.state, options.enter);
      agents.push(await keep({ name: `agent ${short}`, start: (onStart) => startAgent({ ...options, onStart }), pauseMs, onLine }));
      undo.push(agents.at(-1)!.stop);
    }
    const load: LoadAgent[] = [];
    const self = { kind: "self" } as const;
    for (let i = 1; i <= loadAgents; i++) {
      const name = `load ${i}`;
      const [state, journal] = [join(folder, `load-${i}`), join(folder, `load-${i}.journal`)];
      await enrol(state, lab.inside("a", []));
      const script = join(import.meta.dirname, "load-agent.ts");
      const command = asIdentity(self, [
        ...lab.inside("a", [process.execPath, "--import", "tsx", script]),
        ...[state, journal, String(batchesASecond)],
      ]);
      const start = (onStart: (part: Part) => void): Promise<void> => {
        const child = startChild({ name, command, cwd: root, env: environmentFor(self, process.env) });
        onStart({ name, child, stop: () => child.stop({ signal: "SIGTERM", graceMs: 25_000 }) });
        return child.exited.then(({ code }) => {
          if (code !== 0 && code !== null) onLine(`${name} ended with ${code}: ${child.tail()}`);
        });
      };
      agents.push(await keep({ name, start, pauseMs, onLine }));
      undo.push(agents.at(-1)!.stop);
      const { hostId } = JSON.parse(readFileSync(join(state, "credential.json"), "utf8")) as { hostId: string };
      load.push({ name, hostId, journal });
    }
    const endTraffic = startTraffic(lab, folder);
    undo.push(endTraffic);
    return {
      hub,
      postgres,
      agents,
      load,
      hosts: load.length + 2,
      query,
      killBackend: () => killBackend(data, random),
      curl: (...args) => lab.inside("a", ["curl", "--silent", "--insecure", "--max-time", "5", "--cookie", join(folder, "jar"), ...args]),
      adminLink: () => runAdmin(hubOptions, "admin-link"),
      endTraffic,
      endAgents: async () => void (await Promise.all(agents.map((agent) => agent.stop()))),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A random process of the server on this data folder, but for the postmaster. */
function killBackend(data: string, random: Random): boolean {
  const file = join(data, "postmaster.pid");
  if (!existsSync(file)) return false;
  const postmaster = readFileSync(file, "utf8").split("\n")[0] ?? "";
  const children = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && parentOf(pid) === postmaster);
  if (children.length === 0) return false;
  process.kill(Number(random.pick(children)), "SIGKILL");
  return true;
}

/** Parent's pid, field 4 of /proc/PID/stat (proc_pid_stat(5)); "" when the process is gone. */
function parentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[1] ?? "";
  } catch {
    return "";
  }
}

async function becomes<T>(read: () => T | undefined | "", what: string): Promise<T> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const value = read();
    if (value !== undefined && value !== "") return value;
  }
  throw new Error(`${what} did not start within a minute`);
}
