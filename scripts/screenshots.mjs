// Makes the pictures of the README: real agents, real traffic, the pages in a browser. Needs what the
// end-to-end tests need, and a clone that is built.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/paths.mjs";
import { showFailure } from "./lib/say.mjs";
import { interruption } from "./lib/setup.mjs";
import { runVitest } from "./lib/vitest.mjs";

const wanted = ["host-packet-dark-1280", "host-live-light-1280", "add-host-dark-1280"];
const folder = mkdtempSync("/tmp/sonde-screenshots-");
try {
  process.env["SONDE_SCREENSHOTS"] = folder;
  const { failed, skipped } = await runVitest(["e2e"], { signal: interruption(), args: ["test/e2e/pages.e2e.test.ts"] });
  if (failed.length + skipped.length > 0) throw new Error("the pages could not be shown; no picture was replaced");
  const to = join(root, "docs/screenshots");
  mkdirSync(to, { recursive: true });
  for (const name of wanted) copyFileSync(join(folder, `${name}.png`), join(to, `${name.replace(/-1280$/, "")}.png`));
} catch (error) {
  showFailure(error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
