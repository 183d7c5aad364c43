import { readFileSync } from "node:fs";
import type { Files } from "./files.ts";

/** A process, told apart from a later one with the same id by when it started (proc(5): field 22 of stat). */
export type Owner = { readonly pid: number; readonly start: string };

export const thisProcess = (): Owner => ({ pid: process.pid, start: startOf(process.pid) ?? "" });

function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null; // the name before it may hold spaces
  } catch {
    return null; // there is no such process
  }
}

/** Takes the lock file, also over from a process that is gone. Answers the process that has it, or null when it is taken now. */
export function takeLock(path: string, files: Files, owner: Owner): number | null {
  for (let attempt = 0; ; attempt++) {
    try {
      const text = Buffer.from(`${owner.pid} ${owner.start}`);
      const fd = files.openSync(path, "wx", 0o600);
      files.writeSync(fd, text, 0, text.length, 0);
      files.closeSync(fd);
      return null;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST") || attempt > 0) throw error;
    }
    const [pid = "", start = ""] = files.readFileSync(path).toString("latin1").trim().split(" ");
    if (/^\d{1,10}$/.test(pid) && start !== "" && startOf(Number(pid)) === start) return Number(pid);
    files.rmSync(path, { force: true });
  }
}
