import { mkdtempSync, rmSync } from "node:fs";
import { release as osRelease } from "node:os";
import { join } from "node:path";
import { home } from "../paths.mjs";
import { Refusal, step } from "../say.mjs";
import { fetchKernel } from "./fetch.mjs";
import { packCommon, packFor } from "./initrd.mjs";
import { releases, running } from "./releases.mjs";
import { runGuest, runNative } from "./run.mjs";
import { runnerCommand } from "./stage.mjs";

/** @typedef {import("./run.mjs").Outcome} Outcome */
/** @typedef {{ name: string, release: string, suite: string | undefined, outcomes: readonly Outcome[] }} Column one kernel's results; no suite: the running one */

/** What `--only` may name. */
export const kernelNames = [...releases.map(({ name }) => name), running];

/**
 * Runs the checks on each of the named kernels, and leaves nothing but the cache of fetched kernels.
 *
 * @param {{ names: readonly string[], seed: number, keep?: boolean, atOnce?: number, signal: AbortSignal }} options keep:
 *   leave what the printed commands name, to repeat them by hand; atOnce: how many are booted at a time, each of which keeps
 *   little more than one processor busy
 * @returns {Promise<readonly Column[]>} in the order of `kernelNames`
 */
export async function runMatrix({ names, seed, keep = false, atOnce = 1, signal }) {
  const unknown = names.filter((name) => !kernelNames.includes(name));
  if (unknown.length > 0) throw new Refusal(`no such kernel: ${unknown.join(", ")}; there are ${kernelNames.join(", ")}.`);
  const folder = mkdtempSync("/tmp/sonde-kernels-");
  try {
    const common = await packCommon({ folder, seed });
    const stock = releases.filter(({ name }) => names.includes(name));
    const due = stock.entries();
    /** @type {Column[]} */
    const columns = [];
    const inTurn = async () => {
      for (const [at, release] of due) columns[at] = await onStock({ ...release, common: common.archive, keep, folder, signal });
    };
    await Promise.all(Array.from({ length: atOnce }, inTurn));
    if (names.includes(running)) columns.push(await onRunning({ at: common.home, seed, folder, signal }));
    return columns;
  } finally {
    if (!keep) rmSync(folder, { recursive: true, force: true });
  }
}

const noFailure = (/** @type {Column} */ column) => column.outcomes.every(({ ok }) => ok !== false);

/** @param {{ name: string, suite: string, common: string, keep: boolean, folder: string, signal: AbortSignal }} options @returns {Promise<Column>} */
async function onStock({ name, suite, common, keep, folder, signal }) {
  return step(
    `Kernel ${name} (Debian ${suite})`,
    async (detail) => {
      const kernel = await fetchKernel({ suite, cache: join(home.data, "kernels"), signal, detail });
      const initrd = await packFor({ folder, common, modules: kernel.modules, name });
      detail(`running ${kernel.release}`);
      const outcomes = await runGuest({ image: kernel.image, initrd, folder, name, signal });
      if (!keep) rmSync(initrd);
      return { name, release: kernel.release, suite, outcomes };
    },
    noFailure,
  );
}

/** @param {{ at: string, seed: number, folder: string, signal: AbortSignal }} options @returns {Promise<Column>} */
async function onRunning({ at, seed, folder, signal }) {
  const release = osRelease();
  const work = async () => {
    const root = process.getuid?.() === 0;
    /** @type {Outcome} */
    const refused = { feature: "run", ok: null, how: "", detail: "needs root" };
    const outcomes = root ? await runNative({ command: runnerCommand(at, seed), folder, name: running, signal }) : [refused];
    return { name: running, release, suite: undefined, outcomes };
  };
  return step(`Kernel ${release} (running)`, work, noFailure);
}
