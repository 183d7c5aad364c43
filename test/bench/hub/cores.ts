import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Two sets of cores, in taskset's words: the last one, and all others; null where there is only one. */
export function twoSides(): { readonly ours: string; readonly theirs: string } | null {
  const last = availableParallelism() - 1;
  return last === 0 ? null : { ours: `0-${last - 1}`, theirs: `${last}` };
}

export const allCores = `0-${availableParallelism() - 1}`;

/** Keeps this process and all it started, with all threads, to these cores. Throws when one that lives cannot be kept. */
export function keepTo(cores: string): void {
  for (const pid of descendants(process.pid)) {
    const { status, stderr } = spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, String(pid)], { encoding: "utf8" });
    if (status !== 0 && !/No such process/.test(stderr)) throw new Error(`process ${pid} cannot be kept to core ${cores}: ${stderr}`);
  }
}

function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const parent = /^\d+$/.test(name) ? parentOf(name) : null;
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const all = [root];
  for (const one of all) all.push(...(children.get(one) ?? []));
  return all;
}

/** proc_pid_stat(5): the second word after the name in brackets. */
function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return null; // it has ended
  }
}
