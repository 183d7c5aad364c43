import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../paths.mjs";
import { run } from "../proc.mjs";
import { dim, line } from "../say.mjs";

/** @typedef {import("../../../test/kernels/outcome.ts").Outcome} Outcome */
/** @typedef {{ folder: string, name: string, signal: AbortSignal }} Place where output goes, under which name */

/** A boot takes 5 s and a run up to two minutes on an idle core; a machine under load has four times that. */
const GUEST_MS = 500_000;
const NATIVE_MS = 60_000;

/**
 * qemu without KVM, which not every machine has. There la57 crashes some kernels' init, and qemu 7.2 spoils
 * the flags register at cmpxchg16b, which the slab allocator of 6.12 uses: one boot in three ends in a fault.
 * Serial ports are files, since qemu drops bytes when a pipe is full: the first is the console, the second
 * the runner's.
 *
 * @param {{ image: string, initrd: string, console: string, results: string }} options
 */
export const qemuCommand = ({ image, initrd, console, results }) => [
  "nice",
  "qemu-system-x86_64",
  ...["-accel", "tcg", "-cpu", "max,la57=off,cx16=off", "-smp", "2", "-m", "1024"],
  ...["-display", "none", "-monitor", "none", "-nic", "none", "-no-reboot"],
  ...["-serial", `file:${console}`, "-serial", `file:${results}`],
  ...["-kernel", image, "-initrd", initrd, "-append", "console=ttyS0 quiet panic=-1"],
];

/**
 * Boots a kernel and gathers what its runner wrote. A kernel that dies or hangs is a failed feature of its
 * own, with the end of its console.
 *
 * @param {{ image: string, initrd: string } & Place} options
 */
export function runGuest({ image, initrd, folder, name, signal }) {
  const console = join(folder, `${name}.console`);
  const results = join(folder, `${name}.results`);
  const command = qemuCommand({ image, initrd, console, results });
  line(dim(command.join(" ")));
  return gather({ command, results, timeoutMs: GUEST_MS, signal, last: () => text(console).slice(-1500) });
}

/**
 * The same on the running kernel, in network and mount namespaces of its own: whatever names of network
 * namespaces an interrupted run leaves go with its /run.
 *
 * @param {{ command: readonly string[] } & Place} options
 */
export function runNative({ command, folder, name, signal }) {
  const results = join(folder, `${name}.results`);
  const script = 'out=$1; shift; mount -t tmpfs run /run && exec "$@" >"$out"';
  const redirected = ["unshare", "--net", "--mount", "sh", "-c", script, "sh", results, ...command];
  return gather({ command: redirected, results, timeoutMs: NATIVE_MS, signal, last: () => "" });
}

/**
 * @param {{ command: readonly string[], results: string, timeoutMs: number, signal: AbortSignal, last: () => string }} options
 *   last: the last words of a run that did not end well
 * @returns {Promise<readonly Outcome[]>}
 */
async function gather({ command, results, timeoutMs, signal, last }) {
  const late = AbortSignal.timeout(timeoutMs);
  const { code, output } = await run({ name: "kernel", command, cwd: root, env: process.env, signal: AbortSignal.any([signal, late]) });
  signal.throwIfAborted();
  const { outcomes, whole } = read(text(results));
  if (whole) return outcomes;
  const why = late.aborted ? `not done within ${timeoutMs / 1000} s` : `ended with code ${code} before it was done`;
  return [...outcomes, { feature: "run to the end", ok: false, how: "", detail: [why, output, last()].filter(Boolean).join("\n") }];
}

/** The runner's lines; whole when the last one counts those before it. @param {string} lines */
function read(lines) {
  const parsed = lines.split("\n").flatMap(parse);
  const outcomes = parsed.flatMap((row) => ("feature" in row ? [row] : []));
  const end = parsed.at(-1);
  return { outcomes, whole: end !== undefined && "done" in end && end.done === outcomes.length };
}

/** @param {string} row @returns {(Outcome | { done: number })[]} */
function parse(row) {
  try {
    return row.trim() === "" ? [] : [JSON.parse(row)];
  } catch {
    return []; // cut by the end of the run; the count tells
  }
}

const text = (/** @type {string} */ path) => (existsSync(path) ? readFileSync(path, "utf8") : "");
