import { runCheck, staticChecks } from "./lib/checks.mjs";
import { line, showFailure } from "./lib/say.mjs";
import { interruption } from "./lib/setup.mjs";
import { runVitest } from "./lib/vitest.mjs";

const signal = interruption();

/** Format, lint, types, dead code and unit tests; for a clone that `npm start` or `npm test` has set up. */
async function check() {
  let ok = true;
  const show = (/** @type {import("./lib/checks.mjs").Verdict} */ verdict) => {
    line(`${verdict.ok ? "✓" : "✗"} ${verdict.name} (${(verdict.ms / 1000).toFixed(1)} s)`);
    if (verdict.output !== "") line(verdict.output);
    ok &&= verdict.ok;
  };
  await Promise.all(staticChecks().map(async (one) => show(await runCheck(one, signal))));
  const tally = await runVitest(["unit"], { signal });
  return ok && tally.failed.length === 0;
}

try {
  process.exitCode = (await check()) ? 0 : 1;
} catch (error) {
  if (!signal.aborted) showFailure(error);
  process.exitCode = 1;
}
