import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Refusal } from "./say.mjs";

/** Sonde runs where it was tried: Linux on x86-64 with a Node that all its parts support. */
export function checkPlatform() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (process.platform !== "linux") throw new Refusal(`Sonde needs Linux; this is ${process.platform}.`);
  if (process.arch !== "x64") throw new Refusal(`Sonde needs an x86-64 machine; this is ${process.arch}.`);
  if (major < 20 || (major === 20 && minor < 19)) throw new Refusal(`Sonde needs Node 20.19 or newer; this is ${process.versions.node}.`);
}

/**
 * Whether node_api.h is there to build the addon against: beside the running node (nodejs.org,
 * nodesource) or where Debian's libnode-dev puts it. Debian's own nodejs comes without.
 */
export function hasNodeHeaders() {
  const beside = join(dirname(dirname(process.execPath)), "include/node/node_api.h");
  return [beside, "/usr/include/node/node_api.h", "/usr/include/nodejs/src/node_api.h"].some((path) => existsSync(path));
}
