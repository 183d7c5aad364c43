import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Refusal } from "./say.mjs";

/** When a process started, in clock ticks since boot (proc(5), field 22), or undefined when it is gone. @param {number} pid */
export function startTicks(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/** Whether the process that wrote `pid` and `ticks` still runs: a pid alone may have been given to another. @param {{ pid: number, ticks?: string | undefined }} holder */
export const holderAlive = ({ pid, ticks }) => ticks !== undefined && startTicks(pid) === ticks;

/**
 * Takes the one-instance lock of a folder. A lock whose holder is gone is taken over.
 *
 * @param {string} path
 * @returns {() => void} gives the lock back; idempotent
 */
export function takeLock(path) {
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, ticks: startTicks(process.pid) }));
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      if (tryLink(mine, path)) return () => rmSync(path, { force: true });
      const holder = readHolder(path);
      if (holder !== undefined && holderAlive(holder)) {
        throw new Refusal(`Sonde already runs from this clone (process ${holder.pid}). Stop it first, or use another clone.`);
      }
      rmSync(path, { force: true });
    }
    throw new Refusal(`could not take ${path}: others keep taking it.`);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** link(2) is atomic: the lock appears with its content or not at all. @param {string} from @param {string} to */
function tryLink(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  }
}

/** @param {string} path @returns {{ pid: number, ticks?: string } | undefined} */
function readHolder(path) {
  try {
    const value = /** @type {unknown} */ (JSON.parse(readFileSync(path, "utf8")));
    if (typeof value !== "object" || value === null || !("pid" in value) || typeof value.pid !== "number") return undefined;
    return { pid: value.pid, ...("ticks" in value && typeof value.ticks === "string" ? { ticks: value.ticks } : {}) };
  } catch {
    return undefined;
  }
}
