import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./paths.mjs";
import { asIdentity } from "./privilege.mjs";
import { run } from "./proc.mjs";

/** @typedef {{ name: string, commands: readonly (readonly string[])[] }} Check */
/** @typedef {{ name: string, ok: boolean, output: string, ms: number }} Verdict */

const tool = (/** @type {string} */ name) => join(root, "node_modules/.bin", name);

/** Folders with a tsconfig.json: the root's (scripts and tests) and every workspace's. */
function projects() {
  const workspaces = ["apps", "packages"].flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name)));
  return [root, ...workspaces].filter((folder) => existsSync(join(folder, "tsconfig.json")));
}

/** What is checked without running anything of ours. @returns {readonly Check[]} */
export const staticChecks = () => [
  { name: "format", commands: [[tool("oxfmt"), "--check", "."]] },
  { name: "lint", commands: [[tool("oxlint"), "--type-aware", "--deny-warnings", "--format=unix"]] },
  {
    name: "types",
    commands: projects().map((folder) => [tool("tsc"), "--noEmit", "--pretty", "false", "-p", relative(root, folder) || "."]),
  },
  { name: "dead code", commands: [[tool("knip"), "--no-progress", "--no-config-hints"]] },
];

/**
 * @param {Check} check
 * @param {AbortSignal} signal
 * @returns {Promise<Verdict>}
 */
export async function runCheck({ name, commands }, signal) {
  const started = performance.now();
  const results = await Promise.all(
    commands.map((command) =>
      run({
        name,
        command: asIdentity({ kind: "self" }, command),
        cwd: root,
        env: { ...process.env, FORCE_COLOR: "0" },
        signal,
        keep: 2000,
      }),
    ),
  );
  const failed = results.filter((result) => result.code !== 0);
  return { name, ok: failed.length === 0, output: failed.map((result) => result.output).join("\n"), ms: performance.now() - started };
}
