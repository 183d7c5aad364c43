import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Attack } from "./attack.ts";

/** Runs the hostile ones' process to its end, on these cores. Rejects when it fails, which says that it is wrong, not the hub. */
export async function startAttack(attack: Attack, cores: string): Promise<void> {
  const program = [process.execPath, "--import", "tsx", join(import.meta.dirname, "attack.ts"), JSON.stringify(attack)];
  const child = spawn("taskset", ["--cpu-list", cores, ...program], { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`the hostile process ended with exit code ${code}`);
}
