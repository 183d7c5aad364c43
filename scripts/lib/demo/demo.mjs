import { startHubAndDatabase } from "../instance.mjs";
import { ownFolder } from "../privilege.mjs";
import { step } from "../say.mjs";
import { startAgents } from "./fleet.mjs";
import { habitsOf } from "./habits.mjs";
import { linkName, marker } from "./leftovers.mjs";
import { openNetwork } from "./network.mjs";
import { hubSettings } from "./place.mjs";
import { schedule } from "./schedule.mjs";
import { makeFiles, plainEnvironment, startServices } from "./services.mjs";
import { playTraffic } from "./traffic.mjs";

/**
 * Starts the network, the hub, what the hosts serve and their agents; each is among the parts as soon as it has a process.
 *
 * @param {object} demo
 * @param {import("./options.mjs").DemoOptions} demo.options
 * @param {ReturnType<typeof import("./place.mjs").demoLayout>} demo.at
 * @param {import("./parts.mjs").Parts} demo.parts
 * @param {AbortSignal} demo.signal
 */
export async function startDemo({ options, at, parts, signal }) {
  process.env[marker] = at.data; // what this process starts from now on has it too
  const env = { ...plainEnvironment(), [marker]: at.data };
  const onStart = parts.add;
  ownFolder(at.files, { kind: "self" });
  const network = await step("Five hosts and a switch", () => openNetwork({ folder: at.files, link: linkName(at.data), onStart }));
  signal.throwIfAborted();
  const settings = await hubSettings({ net: network.net, options });
  const { hub, identity, embedded } = await startHubAndDatabase({ at, onStart, signal, durable: false, env: settings });
  await step("What the hosts serve", async () => {
    ownFolder(at.files, identity);
    await makeFiles(at.files, identity);
    await startServices({ network, folder: at.files, log: at.log, identity, env, onStart });
  });
  signal.throwIfAborted();
  const agents = await step("Agents of the hosts", () => startAgents({ network, hub, folder: at.agents, log: at.log, parts, signal }));
  const acts = schedule(habitsOf({ net: network.net, has: network.has, folder: at.files }), options.seed);

  /** Plays the traffic until the signal aborts; rejects when a host that was away does not come back. */
  const play = () =>
    new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
      const onAway = (/** @type {{ host: import("./hosts.mjs").HostName, forMs: number }} */ act) => {
        agents.sendAway(act).catch((error) => (signal.aborted ? undefined : reject(error)));
      };
      playTraffic({ acts, network, folder: at.files, identity, env, signal, onAway }).then(resolve, reject);
    });
  return { hub, identity, embedded, network, play };
}
