import { enrolAgent, followHub, isEnrolled, startAgent } from "./agent.mjs";

/** @typedef {<T>(what: "enrol" | "enrol anew" | "start", work: () => Promise<T>) => Promise<T>} Step */

/**
 * Brings an agent to its hub: enrols it where that was never done, turns it to where the hub is now, starts it, and
 * enrols it anew when the hub does not know it any more, because its database was replaced or the host was removed.
 *
 * @param {object} options
 * @param {import("./agent.mjs").AgentOptions} options.agent
 * @param {import("./hub.mjs").Hub} options.hub
 * @param {AbortSignal} options.signal
 * @param {Step} options.step runs each step
 * @param {(child: import("./proc.mjs").Child) => void} options.onRefused told that one that `agent.onStart` named is no more
 * @returns {Promise<import("./proc.mjs").Child>}
 */
export async function bringIn({ agent, hub, signal, step, onRefused }) {
  const enrol = async (force = false) => enrolAgent({ ...agent, hub, token: await hub.admin("enrol-token"), force });
  const start = () => {
    signal.throwIfAborted();
    return step("start", () => startAgent(agent));
  };
  if (isEnrolled(agent.state)) followHub(agent.state, hub);
  else await step("enrol", () => enrol());
  const first = await start();
  if (first.outcome === "ready") return first.child;
  onRefused(first.child);
  await step("enrol anew", () => enrol(true));
  const second = await start();
  if (second.outcome === "refused") throw new Error("the hub refuses this host's agent");
  return second.child;
}
