import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { kernelNames, runMatrix } from "./lib/kernels/matrix.mjs";
import { document, reasons, table, tally } from "./lib/kernels/report.mjs";
import { root } from "./lib/paths.mjs";
import { line, Refusal, showFailure } from "./lib/say.mjs";
import { interruption, setUp } from "./lib/setup.mjs";

const signal = interruption();

/** Boots Debian's stock kernels and tries every feature on each, and on the running kernel. */
async function testKernels() {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      seed: { type: "string" },
      keep: { type: "boolean", default: false },
      "write-docs": { type: "boolean", default: false },
    },
  });
  const seed = Number(values.seed ?? Date.now() % 2 ** 31);
  if (!Number.isSafeInteger(seed)) throw new Refusal(`--seed is a whole number, not ${values.seed}.`);
  if (values["write-docs"] && values.only !== undefined) throw new Refusal("--write-docs needs all kernels: leave --only out.");
  const names = values.only?.split(",") ?? kernelNames;
  await setUp({ purposes: ["build", "run", "test"], signal });
  line(`seed ${seed}; to repeat: npm run test:kernels -- --seed ${seed} --only ${names.join(",")}`);
  const columns = await runMatrix({ names, seed, keep: values.keep, signal });
  for (const row of table(columns)) line(row);
  for (const text of reasons(columns, false)) line(`failed: ${text}`);
  for (const text of reasons(columns, null)) line(`skipped: ${text}`);
  if (values["write-docs"]) writeFileSync(join(root, "docs/kernels.md"), document(columns));
  return tally(columns);
}

try {
  const { passed, failed, skipped } = await testKernels();
  line(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  if (!signal.aborted) showFailure(error);
  process.exitCode = 1;
}
