import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./paths.mjs";
import { asIdentity } from "./privilege.mjs";
import { runAttached } from "./proc.mjs";

/**
 * @typedef {{ file: string, name: string }} TestName
 * @typedef {{ passed: number, failed: TestName[], skipped: TestName[] }} Tally
 *
 * The parts of vitest's JSON report that are read.
 * @typedef {{ testResults: { name: string, status: string, message?: string, assertionResults: { fullName: string, status: string }[] }[] }} Report
 */

/**
 * Runs some of vitest's projects and counts. A file that does not load is one failure.
 *
 * @param {readonly string[]} projects
 * @param {{ signal: AbortSignal, args?: readonly string[] }} options
 * @returns {Promise<Tally>}
 */
export async function runVitest(projects, { signal, args = [] }) {
  const folder = mkdtempSync("/tmp/sonde-vitest-");
  try {
    const file = join(folder, "report.json");
    const flags = ["run", "--passWithNoTests", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const command = [
      process.execPath,
      join(root, "node_modules/vitest/vitest.mjs"),
      ...flags,
      ...projects.flatMap((name) => ["--project", name]),
      ...args,
    ];
    const code = await runAttached({ command: asIdentity({ kind: "self" }, command), cwd: root, env: process.env, signal });
    signal.throwIfAborted();
    return count(/** @type {Report} */ (JSON.parse(readFileSync(file, "utf8"))), code, projects);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {Report} report @param {number} code @param {readonly string[]} projects @returns {Tally} */
function count(report, code, projects) {
  /** @type {Tally} */
  const tally = { passed: 0, failed: [], skipped: [] };
  for (const result of report.testResults) {
    const file = relative(root, result.name);
    for (const { fullName: name, status } of result.assertionResults) {
      if (status === "passed") tally.passed++;
      else if (status === "failed") tally.failed.push({ file, name });
      else tally.skipped.push({ file, name });
    }
    const told = result.assertionResults.some(({ status }) => status === "failed");
    if (result.status === "failed" && !told) tally.failed.push({ file, name: result.message?.split("\n")[0] || "did not load" });
  }
  // such as an error outside every test, which the report does not name
  if (code !== 0 && tally.failed.length === 0)
    tally.failed.push({ file: projects.join(", "), name: `vitest ended with exit code ${code}; see above` });
  return tally;
}
