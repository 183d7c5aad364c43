import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./paths.mjs";
import { asIdentity, account, environmentFor, sudoAccount } from "./privilege.mjs";
import { run } from "./proc.mjs";
import { Refusal, step } from "./say.mjs";

const stamp = join(root, "node_modules/.sonde-installed");
const modules = join(root, "node_modules");

/**
 * Who installs and builds: the user behind sudo where the clone is theirs, so that nothing in it ends
 * up belonging to root.
 *
 * @returns {import("./privilege.mjs").Identity}
 */
export function builder() {
  const behind = sudoAccount(process.env);
  const owner = statSync(root).uid;
  return behind !== undefined && behind.uid === owner ? { kind: "user", ...behind } : { kind: "self" };
}

/**
 * A command of the set-up, run by the builder in the clone.
 *
 * @param {string} name
 * @param {readonly string[]} command
 * @param {{ detail?: (line: string) => void, env?: NodeJS.ProcessEnv, signal: AbortSignal }} options
 */
export function runAsBuilder(name, command, { detail, env = {}, signal }) {
  const identity = builder();
  return run({
    name,
    command: asIdentity(identity, command),
    cwd: root,
    env: { ...environmentFor(identity, process.env), ...env },
    ...(detail === undefined ? {} : { onLine: detail }),
    signal,
  });
}

/** What node_modules was installed from: the lockfile, every package.json it covers, this Node's ABI. */
function wantedStamp() {
  const hash = createHash("sha256").update(`${process.versions.modules}\n`);
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  hash.update(lock);
  for (const path of Object.keys(/** @type {{ packages: object }} */ (JSON.parse(lock)).packages)) {
    const manifest = join(root, path, "package.json");
    if (!path.includes("node_modules") && existsSync(manifest)) hash.update(readFileSync(manifest));
  }
  return hash.digest("hex");
}

/** Runs `npm ci` when node_modules is not what the lockfile says. @param {AbortSignal} signal */
export async function ensureInstalled(signal) {
  const wanted = wantedStamp();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  if (await installedByHand()) return mark(wanted);
  await cleanInstall("npm packages", root, signal);
  mark(wanted);
}

/**
 * Installs a program that only one benchmark needs in a folder of its own with a package-lock.json, so that the hub's own
 * packages are neither more nor others because of it.
 *
 * @param {string} name as it is announced
 * @param {string} folder
 * @param {AbortSignal} signal
 */
export async function ensureTool(name, folder, signal) {
  const done = join(folder, "node_modules/.sonde-installed");
  const wanted = createHash("sha256")
    .update(readFileSync(join(folder, "package-lock.json")))
    .digest("hex");
  if (existsSync(done) && readFileSync(done, "utf8") === wanted) return;
  await cleanInstall(name, folder, signal);
  writeFileSync(done, wanted);
}

/** @param {string} name @param {string} folder @param {AbortSignal} signal */
function cleanInstall(name, folder, signal) {
  return step(name, async (detail) => {
    const npm = join(dirname(process.execPath), "npm");
    const command = [existsSync(npm) ? npm : "npm", "ci", "--prefix", folder, "--no-audit", "--no-fund"];
    const result = await runAsBuilder("npm ci", command, { detail, signal });
    if (result.code !== 0) throw new Refusal("npm ci failed.", result.output);
  });
}

/** After someone's own `npm install`, npm's hidden lockfile says the same as ours: nothing to do again. */
async function installedByHand() {
  const hidden = join(modules, ".package-lock.json");
  if (!existsSync(hidden)) return false;
  const read = (/** @type {string} */ path) =>
    /** @type {{ packages: Record<string, { version?: string, optional?: boolean, link?: boolean }> }} */ (
      JSON.parse(readFileSync(path, "utf8"))
    ).packages;
  const have = read(hidden);
  return Object.entries(read(join(root, "package-lock.json"))).every(
    ([path, entry]) => !path.includes("node_modules/") || entry.optional === true || have[path]?.version === entry.version,
  );
}

/** @param {string} wanted */
function mark(wanted) {
  writeFileSync(stamp, wanted);
}

/** The account that owns the clone, for messages. */
export const ownerName = () => account(statSync(root).uid)?.name ?? "another user";
