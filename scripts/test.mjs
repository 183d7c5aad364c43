import { runCheck, staticChecks } from "./lib/checks.mjs";
import { line, showFailure, step } from "./lib/say.mjs";
import { interruption, setUp } from "./lib/setup.mjs";
import { runVitest } from "./lib/vitest.mjs";

const signal = interruption();

/** Kernel and browser tests, which CI's machine can run: none of them may be skipped there. */
const mustRunOnCi = (/** @type {string} */ file) => /\.(kernel|e2e)\.test\.ts$/.test(file);

/** Everything; each static check counts as one test. */
async function testAll() {
  await setUp({ purposes: ["build", "run", "demo", "test"], signal });
  /** @type {import("./lib/vitest.mjs").Tally} */
  const total = { passed: 0, failed: [], skipped: [] };
  for (const check of staticChecks()) {
    const verdict = await step(
      check.name,
      () => runCheck(check, signal),
      ({ ok }) => ok,
    );
    signal.throwIfAborted();
    if (verdict.ok) total.passed++;
    else total.failed.push({ file: "check", name: check.name });
    if (verdict.output !== "") line(verdict.output);
  }
  for (const projects of [
    ["unit", "hub"],
    ["kernel", "e2e"],
  ]) {
    // kernel and browser tests share the machine's interfaces and ports: one file at a time
    const args = projects.includes("kernel") ? ["--no-file-parallelism"] : [];
    const tally = await runVitest(projects, { signal, args });
    total.passed += tally.passed;
    total.failed.push(...tally.failed);
    total.skipped.push(...tally.skipped);
  }
  return total;
}

try {
  const { passed, failed, skipped } = await testAll();
  const forbidden = process.env["CI"] === "true" ? skipped.filter(({ file }) => mustRunOnCi(file)) : [];
  for (const { file, name } of skipped) line(`skipped: ${file}: ${name}`);
  for (const { file, name } of failed) line(`failed: ${file}: ${name}`);
  for (const { file, name } of forbidden) line(`failed: ${file}: ${name}: must not be skipped on CI`);
  const failures = failed.length + forbidden.length;
  line(`${passed} passed, ${failures} failed, ${skipped.length - forbidden.length} skipped`);
  process.exitCode = failures === 0 ? 0 : 1;
} catch (error) {
  if (!signal.aborted) showFailure(error);
  process.exitCode = 1;
}
