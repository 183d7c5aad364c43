import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { root } from "./paths.mjs";
import { hasNodeHeaders } from "./platform.mjs";
import { run } from "./proc.mjs";
import { Refusal, step } from "./say.mjs";

/** @typedef {"build" | "run" | "demo" | "test" | "bench"} Purpose */

/** A package may be there for several purposes. @type {readonly { name: string, for: Purpose | readonly Purpose[], why: string }[]} */
const list = JSON.parse(readFileSync(new URL("../system-packages.json", import.meta.url), "utf8"));

/** Packages of the one list that dpkg does not know as installed. @param {readonly Purpose[]} purposes */
export function missingPackages(purposes) {
  const wanted = list.filter((entry) => purposes.some((purpose) => [entry.for].flat().includes(purpose))).map((entry) => entry.name);
  const query = spawnSync("dpkg-query", ["-W", "-f", "${db:Status-Status} ${Package}\n", ...wanted], { encoding: "utf8" });
  if (query.error !== undefined) {
    throw new Refusal("dpkg is not here: Sonde sets itself up on Debian 12 or newer.", `Needed elsewhere: ${wanted.join(" ")}`);
  }
  const installed = new Set(query.stdout.split("\n").flatMap((row) => (row.startsWith("installed ") ? [row.slice(10)] : [])));
  const missing = wanted.filter((name) => !installed.has(name));
  return purposes.includes("build") && !hasNodeHeaders() ? [...missing, "libnode-dev"] : missing;
}

/**
 * Installs what is missing, as root or by a sudo that asks nothing.
 *
 * @param {readonly Purpose[]} purposes
 * @param {AbortSignal} signal
 */
export async function ensurePackages(purposes, signal) {
  const missing = missingPackages(purposes);
  if (missing.length === 0) return;
  const prefix = rootPrefix();
  if (prefix === undefined) {
    throw new Refusal(
      `these system packages are missing; run this once, then start again:\n  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.join(" ")}`,
    );
  }
  await step(`System packages (${missing.length} missing)`, async (detail) => {
    const apt = async (/** @type {readonly string[]} */ ...args) => {
      const command = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", ...args];
      const result = await run({ name: "apt-get", command, cwd: root, env: process.env, onLine: detail, signal });
      if (result.code !== 0) throw new Refusal(`apt-get ${args[0]} failed.`, result.output);
    };
    await apt("update");
    await apt("install", "-y", "--no-install-recommends", ...missing);
    const still = missingPackages(purposes);
    if (still.length > 0) throw new Refusal(`apt-get installed everything, yet these are missing: ${still.join(" ")}`);
  });
}

/** How to run one command as root, or undefined where this user may not. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0 ? ["sudo", "-n"] : undefined;
}
