import { setTimeout as pause } from "node:timers/promises";
import { asIdentity } from "../privilege.mjs";
import { startChild } from "../proc.mjs";
import { asUserOnLink } from "./services.mjs";

/** Programs at once at most; one that comes beyond is left out. A host that is away holds some up for seconds. */
const most = 40;
/** A program that takes longer is ended. */
const longestMs = 12_000;

/**
 * Plays a schedule until the signal aborts, and ends what still runs then.
 *
 * @param {object} options
 * @param {Iterable<import("./schedule.mjs").Act>} options.acts without end
 * @param {import("./network.mjs").Network} options.network
 * @param {string} options.folder where the programs run
 * @param {import("../privilege.mjs").Identity} options.identity without privilege
 * @param {NodeJS.ProcessEnv} options.env
 * @param {AbortSignal} options.signal
 * @param {(act: Extract<import("./schedule.mjs").Act, { type: "away" }>) => void} options.onAway
 */
export async function playTraffic({ acts, network, folder, identity, env, signal, onAway }) {
  /** @type {Set<import("../proc.mjs").Child>} */
  const running = new Set();
  const owner = identity.kind === "user" ? identity : { uid: 0, gid: 0 }; // who may read the folder
  const start = (/** @type {Extract<import("./schedule.mjs").Act, { type: "run" }>} */ { host, kind, command, raw }) => {
    if (running.size >= most) return;
    const argv = raw ? asUserOnLink(owner, command) : asIdentity(identity, command);
    const child = startChild({ name: kind, command: [...network.enter(host), ...argv], cwd: folder, env });
    const patience = setTimeout(() => void child.stop({ graceMs: 500 }), longestMs);
    running.add(child);
    void child.exited.then(() => (clearTimeout(patience), running.delete(child)));
  };
  try {
    let began = performance.now();
    for (const act of acts) {
      const late = performance.now() - began - act.atMs;
      if (late > 5_000) began += late; // the machine slept: nothing is made up for
      if (late < 0) await pause(-late, undefined, { signal });
      signal.throwIfAborted();
      if (act.type === "away") onAway(act);
      else start(act);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await Promise.all([...running].map((child) => child.stop({ signal: "SIGKILL" })));
  }
}
