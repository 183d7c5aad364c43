import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { asIdentity } from "./lib/privilege.mjs";
import { ensureTool } from "./lib/install.mjs";
import { root } from "./lib/paths.mjs";
import { runAttached } from "./lib/proc.mjs";
import { Refusal, showFailure } from "./lib/say.mjs";
import { interruption, setUp } from "./lib/setup.mjs";

const signal = interruption();
const folder = join(root, "test/bench");

/** Runs test/bench/NAME.ts after the same set-up as the tests. */
async function bench() {
  const args = process.argv.slice(2);
  const at = args.findIndex((arg) => !arg.startsWith("-"));
  const [name, flags] = [args[at], args.filter((_, i) => i !== at)];
  const names = readdirSync(folder).flatMap((file) => (file.endsWith(".ts") ? [file.slice(0, -3)] : []));
  if (name === undefined || !names.includes(name)) {
    throw new Refusal(`usage: npm run bench -- NAME [--json], where NAME is one of: ${names.join(", ") || "(none yet)"}`);
  }
  await setUp({ purposes: ["build", "run", "test", "bench"], signal });
  const tool = join(folder, name, "tool");
  if (existsSync(tool)) await ensureTool(`packages of ${name}`, tool, signal);
  const command = [process.execPath, "--import", "tsx", join(folder, `${name}.ts`), ...flags];
  return runAttached({ command: asIdentity({ kind: "self" }, command), cwd: root, env: process.env, signal });
}

try {
  process.exitCode = await bench();
} catch (error) {
  if (!signal.aborted) showFailure(error);
  process.exitCode = 1;
}
