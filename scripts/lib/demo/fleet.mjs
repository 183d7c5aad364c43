import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { keepLog } from "../logfile.mjs";
import { bringIn } from "../member.mjs";
import { ownFolder } from "../privilege.mjs";
import { hostNames, hosts } from "./hosts.mjs";

/** @typedef {import("./hosts.mjs").HostName} HostName */

/** Bytes of a packet that may leave a host of the demo: nobody says anything there that is not made up. */
const payload = 1500;

/** What the agents' names begin with. */
export const agentOf = (/** @type {string} */ name) => `the agent of ${name}`;

/**
 * Enrols and starts an agent on each host, by the same path as on any other, and sends one away for a while.
 *
 * @param {object} options
 * @param {import("./network.mjs").Network} options.network
 * @param {import("../hub.mjs").Hub} options.hub
 * @param {string} options.folder the agents' own, one each in it
 * @param {string} options.log
 * @param {import("./parts.mjs").Parts} options.parts
 * @param {AbortSignal} options.signal
 */
export async function startAgents({ network, hub, folder, log, parts, signal }) {
  ownFolder(folder, { kind: "self" });
  /** @type {Map<HostName, import("../proc.mjs").Child>} */
  const agents = new Map();
  /** @type {Promise<unknown>} */
  let enrolled = Promise.resolve();
  /** Hosts enrol one after the other, so that the fleet lists them in this order; agents start beside each other. @type {import("../member.mjs").Step} */
  const inTurn = (what, work) => {
    if (what === "start") return work();
    const next = enrolled.then(work);
    enrolled = next.catch(() => {}); // whoever waits for it hears of it
    return next;
  };
  const start = async (/** @type {HostName} */ name) => {
    const state = join(folder, name);
    ownFolder(state, { kind: "self" });
    const labels = join(state, "labels");
    const lines = Object.entries(hosts[name].labels).map(([key, value]) => `${key}=${value}\n`);
    writeFileSync(labels, lines.join(""), { mode: 0o600 });
    const limits = join(state, "limits.json");
    writeFileSync(limits, `${JSON.stringify({ snaplen: payload })}\n`, { mode: 0o600 });
    const { onLine } = keepLog(log, `agent-${name}`, { quiet: true });
    const onStart = (/** @type {import("../proc.mjs").Part} */ part) => parts.add({ ...part, name: agentOf(name) });
    const agent = { state, enter: network.enter(name), flags: ["--labels", labels, "--limits", limits], onLine, onStart };
    agents.set(name, await bringIn({ agent, hub, signal, step: inTurn, onRefused: (child) => void parts.drop(child) }));
  };
  await Promise.all(hostNames.map(start));

  /** @param {{ host: HostName, forMs: number }} absence */
  const sendAway = async ({ host, forMs }) => {
    const agent = agents.get(host);
    if (agent === undefined) return;
    await parts.stop(agent);
    network.plug(host, false);
    await pause(forMs, undefined, { signal });
    network.plug(host, true);
    await start(host);
  };
  return { sendAway };
}
