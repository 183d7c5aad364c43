import { readdirSync } from "node:fs";
import { join } from "node:path";
import { asIdentity } from "./lib/privilege.mjs";
import { root } from "./lib/paths.mjs";
import { runAttached } from "./lib/proc.mjs";
import { Refusal, showFailure } from "./lib/say.mjs";
import { interruption, setUp } from "./lib/setup.mjs";

const signal = interruption();
const folder = join(root, "test/chaos");

/** Runs test/chaos/NAME.ts after the same set-up as the tests. */
async function chaos() {
  const [name, ...flags] = process.argv.slice(2);
  const names = readdirSync(folder).flatMap((file) => (/^[a-z]+\.ts$/.test(file) ? [file.slice(0, -3)] : []));
  if (name === undefined || !names.includes(name)) {
    throw new Refusal(`usage: npm run chaos -- NAME [--minutes N] [--seed N], where NAME is one of: ${names.join(", ")}`);
  }
  await setUp({ purposes: ["build", "run", "test"], signal });
  const command = [process.execPath, "--import", "tsx", join(folder, `${name}.ts`), ...flags];
  return runAttached({ command: asIdentity({ kind: "self" }, command), cwd: root, env: process.env, signal });
}

try {
  process.exitCode = await chaos();
} catch (error) {
  if (!signal.aborted) showFailure(error);
  process.exitCode = 1;
}
