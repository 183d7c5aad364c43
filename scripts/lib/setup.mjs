import { statSync } from "node:fs";
import { ensureBuilt } from "./build.mjs";
import { ensureInstalled, ownerName } from "./install.mjs";
import { ensurePackages } from "./packages.mjs";
import { root } from "./paths.mjs";
import { checkPlatform } from "./platform.mjs";
import { Refusal } from "./say.mjs";

/** Refuses machines and users that Sonde cannot be set up for, before anything is written. */
export function checkHere() {
  checkPlatform();
  const uid = process.getuid?.();
  if (uid !== 0 && statSync(root).uid !== uid) throw new Refusal(`${root} belongs to ${ownerName()}: run this as that user, or with sudo.`);
}

/**
 * Everything between a fresh clone and running programs, each part only when it is due.
 *
 * @param {{ purposes: readonly import("./packages.mjs").Purpose[], signal: AbortSignal }} options
 */
export async function setUp({ purposes, signal }) {
  checkHere();
  await ensurePackages(purposes, signal);
  signal.throwIfAborted();
  await ensureInstalled(signal);
  signal.throwIfAborted();
  await ensureBuilt(signal);
  signal.throwIfAborted();
}

/** Rejects when the signal aborts; never fulfils. @param {AbortSignal} signal @returns {Promise<never>} */
export function aborted(signal) {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/**
 * A signal that aborts on the first Ctrl+C, SIGTERM or hang-up; later ones change nothing, so that
 * what is stopping is left to stop.
 */
export function interruption() {
  const controller = new AbortController();
  for (const name of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(name, () => controller.abort(name));
  process.stdout.on("error", () => {}); // the terminal may be gone before we are
  process.stderr.on("error", () => {});
  return controller.signal;
}
