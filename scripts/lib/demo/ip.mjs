import { spawnSync } from "node:child_process";
import { Refusal } from "../say.mjs";

/** argv prefix that runs a command in the network, mounts and host name of another process. @param {number} pid */
export const enter = (pid) => ["nsenter", `--target=${pid}`, "--net", "--mount", "--uts", "--"];

/**
 * Runs a command to its end, in the namespaces of process `pid` where one is given.
 *
 * @param {readonly string[]} command
 * @param {{ pid?: number, input?: string }} [options]
 */
export function attempt(command, { pid, input } = {}) {
  const [program = "", ...args] = pid === undefined ? command : [...enter(pid), ...command];
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", ...(input === undefined ? {} : { input }) });
  return { ok: status === 0, stdout: stdout ?? "", why: error === undefined ? (stderr ?? "").trim() : error.message };
}

/** As `attempt`, but what fails is refused with its own words. @param {Parameters<typeof attempt>} call */
export function must(...call) {
  const { ok, stdout, why } = attempt(...call);
  if (!ok) throw new Refusal(`the demo's network could not be made: ${call[0].join(" ")} failed.`, why);
  return stdout;
}

/** Lines for `ip -batch`. @param {readonly string[]} lines @param {number} pid */
export const ipBatch = (lines, pid) => must(["ip", "-batch", "-"], { pid, input: `${lines.join("\n")}\n` });
