import { join } from "node:path";
import { asIdentity } from "./lib/privilege.mjs";
import { root } from "./lib/paths.mjs";
import { runAttached } from "./lib/proc.mjs";
import { showFailure } from "./lib/say.mjs";
import { interruption, setUp } from "./lib/setup.mjs";

const signal = interruption();

/** Runs test/screenshots/main.ts after the same set-up as the tests. */
async function screenshots() {
  await setUp({ purposes: ["build", "run", "demo", "test"], signal });
  const command = [process.execPath, "--import", "tsx", join(root, "test/screenshots/main.ts"), ...process.argv.slice(2)];
  return runAttached({ command: asIdentity({ kind: "self" }, command), cwd: root, env: process.env, signal });
}

try {
  process.exitCode = await screenshots();
} catch (error) {
  if (!signal.aborted) showFailure(error);
  process.exitCode = 1;
}
