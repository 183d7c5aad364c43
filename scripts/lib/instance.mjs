import { chmodSync, existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { enrolAgent, followHub, isEnrolled, startAgent } from "./agent.mjs";
import { hubNeeds, startHub } from "./hub.mjs";
import { builder } from "./install.mjs";
import { keepLog } from "./logfile.mjs";
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
 * Starts Postgres (without DATABASE_URL), the hub and, as root, this host's agent. Each is pushed to
 * `running` as soon as it has a process, so that the caller can stop it whatever happens next.
 *
 * @param {{ at: Layout, running: import("./proc.mjs").Part[], signal: AbortSignal }} options
 */
export async function startInstance({ at, running, signal }) {
  const identity = chooseIdentity({ clone: root, needs: hubNeeds, env: process.env });
  const onStart = (/** @type {import("./proc.mjs").Part} */ part) => void running.push(part);
  const external = process.env["DATABASE_URL"];
  let databaseUrl = external ?? "";
  if (external === undefined || external === "") {
    databaseUrl = await step(`Postgres ${describeIdentity(identity)}`, async () => {
      const { onLine } = keepLog(at.log, "postgres");
      return (await startPostgres({ data: at.postgres, run: at.run, identity, onLine, onStart })).url;
    });
    signal.throwIfAborted();
  }
  const hub = await step(`Hub ${describeIdentity(identity)}`, async () => {
    const { onLine } = keepLog(at.log, "hub");
    return startHub({ databaseUrl, data: at.hub, identity, onLine, onStart });
  });
  signal.throwIfAborted();
  if (process.getuid?.() === 0) await startOwnAgent({ at, hub, running, signal });
  else warn("The agent needs root to read packets, so this host is not watched: start with `sudo npm start`.");
  signal.throwIfAborted();
  return { hub, identity, embedded: external === undefined || external === "" ? databaseUrl : undefined };
}

/** @param {{ at: Layout, hub: import("./hub.mjs").Hub, running: import("./proc.mjs").Part[], signal: AbortSignal }} options */
async function startOwnAgent({ at, hub, running, signal }) {
  const log = keepLog(at.log, "agent");
  const options = { state: at.agent, onLine: log.onLine };
  const enrol = (/** @type {boolean} */ force) =>
    step("Enrol this host", async () => enrolAgent({ ...options, hub, token: await hub.admin("enrol-token"), force }));
  if (isEnrolled(at.agent)) followHub(at.agent, hub);
  else await enrol(false);
  const start = () => {
    signal.throwIfAborted();
    return step("Agent", () => startAgent({ ...options, onStart: (part) => void running.push(part) }));
  };
  let agent = await start();
  if (agent.outcome === "refused") {
    running.splice(
      running.findIndex((part) => part.child === agent.child),
      1,
    );
    warn("The hub does not know this host any more; enrolling it again.");
    await enrol(true); // the database was replaced, or the host was removed from it
    agent = await start();
  }
  if (agent.outcome === "refused") throw new Error(`the hub refuses this host's agent; see ${log.path}`);
}

/** Removes what says that an instance runs. @param {Layout} at */
export function forget(at) {
  rmSync(at.instance, { force: true });
  rmSync(at.run, { recursive: true, force: true });
  rmSync(`${at.run}.tmp`, { recursive: true, force: true });
}
