import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { layout } from "../paths.mjs";
import { Refusal } from "../say.mjs";

/** Where a demo keeps what it keeps. @param {string} data */
export const demoLayout = (data) => ({ ...layout(data), agents: join(data, "agents"), files: join(data, "files") });

/** Removes what earlier demos kept in their folder, and nothing else that is there. @param {ReturnType<typeof demoLayout>} at */
export function forgetEarlier(at) {
  for (const path of [at.postgres, at.hub, at.agents, at.files]) rmSync(path, { recursive: true, force: true });
}

const firstPort = 7879;

/**
 * The hub's address and where it listens: the demo's own network, which nobody else reaches, unless a URL was asked for.
 *
 * @param {{ net: string, options: import("./options.mjs").DemoOptions }} place
 * @returns {Promise<NodeJS.ProcessEnv>} settings of the hub; what was set for another hub is taken away
 */
export async function hubSettings({ net, options }) {
  const address = `${net}.1`;
  const others = { SONDE_TLS_CERT: undefined, SONDE_TLS_KEY: undefined, SONDE_TRUST_PROXY: undefined };
  if (options.url !== undefined) return { ...others, SONDE_URL: options.url.origin, SONDE_LISTEN: undefined };
  const listen = `${address}:${options.port ?? (await freePort(address))}`;
  return { ...others, SONDE_URL: `https://${listen}`, SONDE_LISTEN: listen };
}

/** @param {string} address */
async function freePort(address) {
  for (let port = firstPort; port < firstPort + 100; port++) {
    const server = createServer();
    server.listen(port, address);
    const free = await Promise.race([once(server, "listening").then(() => true), once(server, "error").then(() => false)]).catch(
      () => false,
    );
    if (!free) continue;
    server.close();
    await once(server, "close");
    return port;
  }
  throw new Refusal(`no port from ${firstPort} on is free at ${address}: name one with --port.`);
}
