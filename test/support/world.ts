import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { enrolAgent, startAgent } from "../../scripts/lib/agent.mjs";
import { hubNeeds, startHub } from "../../scripts/lib/hub.mjs";
import { root } from "../../scripts/lib/paths.mjs";
import { startPostgres } from "../../scripts/lib/postgres.mjs";
import { chooseIdentity } from "../../scripts/lib/privilege.mjs";
import { type Lab, createLab } from "./netns.ts";

export type Agent = Awaited<ReturnType<typeof startAgent>>;

/**
 * Two hosts `a` and `b`, a wire for management with addresses and one that carries only what is injected. More hosts
 * have the same two wires to `a`, where these are called after them.
 */
export type World = {
  readonly folder: string;
  readonly lab: Lab;
  readonly hub: Awaited<ReturnType<typeof startHub>>;
  /** Starts the hub again after it has ended, on the same database and address. */
  readonly startHubAgain: () => Promise<void>;
  readonly database: pg.Pool;
  /** Lines the hub wrote, for tests of what it logs. */
  readonly hubLines: readonly string[];
  /** Enrols and starts the agent of a host, by the same path as any; `name` is the host name it finds. */
  readonly agentOn: (short: string, flags?: readonly string[], name?: string) => Promise<Agent>;
  /** Stops and removes everything, whatever had been started. */
  readonly close: () => Promise<void>;
};

export async function createWorld(more: readonly string[] = []): Promise<World> {
  const folder = mkdtempSync("/tmp/sonde-world-");
  chmodSync(folder, 0o711); // the hub and Postgres run as another user
  const undo: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const lab = createLab(["a", "b", ...more]);
    undo.push(lab.close);
    lab.link({ ns: "a", name: "mgmt0", address: "10.77.0.1/24" }, { ns: "b", name: "mgmt0", address: "10.77.0.2/24" });
    lab.link({ ns: "a", name: "wire0" }, { ns: "b", name: "wire0" });
    for (const [i, short] of more.entries()) {
      const net = `10.78.${i}`;
      lab.link({ ns: "a", name: `mgmt-${short}`, address: `${net}.1/24` }, { ns: short, name: "mgmt0", address: `${net}.2/24` });
      lab.link({ ns: "a", name: `wire-${short}` }, { ns: short, name: "wire0" });
      lab.run(short, ["ip", "route", "add", "10.77.0.0/24", "via", `${net}.1`]);
    }
    const identity = chooseIdentity({ clone: root, needs: hubNeeds, env: process.env });
    const postgres = await startPostgres({ data: join(folder, "postgres"), run: join(folder, "run"), identity, durable: false });
    undo.push(postgres.stop);
    const hubLines: string[] = [];
    const options = {
      databaseUrl: postgres.url,
      data: join(folder, "hub"),
      identity,
      enter: lab.inside("a", []),
      env: { SONDE_URL: "https://10.77.0.1:7878" },
      onLine: (line: string) => void hubLines.push(line),
    };
    let hub = await startHub(options);
    undo.push(() => hub.stop());
    const startHubAgain = async (): Promise<void> => {
      hub = await startHub(options);
    };
    const database = new pg.Pool({ connectionString: postgres.url });
    undo.push(() => database.end());
    const agentOn = async (short: string, flags: readonly string[] = [], name = short): Promise<Agent> => {
      const named = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', name];
      const options = { state: join(folder, `agent-${short}`), enter: lab.inside(short, named), flags };
      await enrolAgent({ ...options, hub, token: await hub.admin("enrol-token") });
      const agent = await startAgent(options);
      undo.push(agent.stop);
      return agent;
    };
    return {
      ...{ folder, lab, database, hubLines, agentOn, close, startHubAgain },
      get hub() {
        return hub;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
