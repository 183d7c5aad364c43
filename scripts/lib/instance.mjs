import { chmodSync, existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { hubNeeds, startHub } from "./hub.mjs";
import { builder } from "./install.mjs";
import { keepLog } from "./logfile.mjs";
import { bringIn } from "./member.mjs";
import { root } from "./paths.mjs";
import { startPostgres } from "./postgres.mjs";
import { chooseIdentity, describeIdentity, ownFolder } from "./privilege.mjs";
import { step, warn } from "./say.mjs";

/** @typedef {ReturnType<typeof import("./paths.mjs").layout>} Layout */

/** Makes the instance's folder, which others may pass through but not list. @param {Layout} at */
export function makeFolders(at) {
  if (!existsSync(at.data)) mkdirSync(at.data);
  const maker = builder();
  if (statSync(at.data).uid === process.getuid?.()) chmodSync(at.data, 0o711);
  ownFolder(at.log, maker);
}

/**
 * Starts Postgres, unless there is one already, and the hub. Each is pushed to `running` as soon as it has a process, so
 * that the caller can stop it whatever happens next.
 *
 * @param {object} options
 * @param {Layout} options.at
 * @param {(part: import("./proc.mjs").Part) => void} options.onStart
 * @param {AbortSignal} options.signal
 * @param {string | undefined} [options.external] address of a Postgres that is there
 * @param {boolean} [options.durable] false: without fsync
 * @param {NodeJS.ProcessEnv} [options.env] more of the hub's settings
 */
export async function startHubAndDatabase({ at, onStart, signal, external = "", durable = true, env = {} }) {
  const identity = chooseIdentity({ clone: root, needs: hubNeeds, env: process.env });
  let databaseUrl = external;
  if (external === "") {
    databaseUrl = await step(`Postgres ${describeIdentity(identity)}`, async () => {
      const { onLine } = keepLog(at.log, "postgres");
      return (await startPostgres({ data: at.postgres, run: at.run, identity, durable, onLine, onStart })).url;
    });
    signal.throwIfAborted();
  }
  const hub = await step(`Hub ${describeIdentity(identity)}`, async () => {
    const { onLine } = keepLog(at.log, "hub");
    return startHub({ databaseUrl, data: at.hub, identity, env, onLine, onStart });
  });
  signal.throwIfAborted();
  return { hub, identity, embedded: external === "" ? databaseUrl : undefined };
}

/**
 * Starts Postgres (without DATABASE_URL), the hub and, as root, this host's agent.
 *
 * @param {{ at: Layout, running: import("./proc.mjs").Part[], signal: AbortSignal }} options
 */
export async function startInstance({ at, running, signal }) {
  const onStart = (/** @type {import("./proc.mjs").Part} */ part) => void running.push(part);
  const instance = await startHubAndDatabase({ at, onStart, signal, external: process.env["DATABASE_URL"] });
  if (process.getuid?.() === 0) await startOwnAgent({ at, hub: instance.hub, running, signal });
  else warn("The agent needs root to read packets, so this host is not watched: start with `sudo npm start`.");
  signal.throwIfAborted();
  return instance;
}

/** @param {{ at: Layout, hub: import("./hub.mjs").Hub, running: import("./proc.mjs").Part[], signal: AbortSignal }} options */
async function startOwnAgent({ at, hub, running, signal }) {
  const { onLine } = keepLog(at.log, "agent");
  const agent = { state: at.agent, onLine, onStart: (/** @type {import("./proc.mjs").Part} */ part) => void running.push(part) };
  await bringIn({
    agent,
    hub,
    signal,
    step: (what, work) => step(what === "start" ? "Agent" : "Enrol this host", work),
    onRefused: (child) => {
      const refused = running.findIndex((part) => part.child === child);
      running.splice(refused, 1);
      warn("The hub does not know this host any more; enrolling it again.");
    },
  });
}

/** Removes what says that an instance runs. @param {Layout} at */
export function forget(at) {
  rmSync(at.instance, { force: true });
  rmSync(at.run, { recursive: true, force: true });
  rmSync(`${at.run}.tmp`, { recursive: true, force: true });
}
