import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";

/** Every process of a demo has this in its environment: the folder that the demo keeps its things in. */
export const marker = "SONDE_DEMO";

/** Name of the demo's one interface on this machine, 15 bytes at most; told from others' by the folder. @param {string} folder */
export const linkName = (folder) => `sonde${createHash("sha256").update(folder).digest("hex").slice(0, 8)}`;

/**
 * Clears what a killed demo of this folder left: processes that outlived it and the interface on this machine.
 * Namespaces end with their processes. The caller holds the folder's lock, so none of these is at work.
 *
 * @param {string} folder
 * @returns {Promise<number>} how many processes there were
 */
export async function clearLeftovers(folder) {
  const found = processesOf(folder);
  for (const pid of found) kill(pid);
  for (const deadline = Date.now() + 5_000; processesOf(folder).length > 0 && Date.now() < deadline;)
    await new Promise((resolve) => setTimeout(resolve, 20));
  removeLink(folder);
  return found.length;
}

/** An end of a veth goes with its other end's namespace; until that is taken apart it may still be there. @param {string} folder */
export const removeLink = (folder) => void spawnSync("ip", ["link", "delete", linkName(folder)], { stdio: "ignore" });

/** Processes that a demo of this folder started, but for Postgres, which writes over its environment. @param {string} folder @returns {number[]} */
export function processesOf(folder) {
  const mark = `${marker}=${folder}`;
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    return environmentOf(name).includes(mark) ? [Number(name)] : [];
  });
}

/** The environment a process began with; nothing of one that is gone, or is another user's. @param {string} pid */
function environmentOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/** @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended meanwhile
  }
}
