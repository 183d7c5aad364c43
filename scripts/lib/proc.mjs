import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/**
 * @typedef {object} ChildOptions
 * @property {string} name
 * @property {readonly string[]} command argv; its first word is looked up in PATH
 * @property {string} cwd
 * @property {NodeJS.ProcessEnv} env
 * @property {string} [input] text for standard input; without it there is none
 * @property {(line: string) => void} [onLine] each line of standard output and standard error
 * @property {number} [keep] how many of its last lines `tail` remembers
 * @property {AbortSignal} [signal] ends the child when aborted
 *
 * @typedef {{ code: number | null, signal: NodeJS.Signals | null }} Exit
 *
 * @typedef {object} Child
 * @property {string} name
 * @property {number} pid
 * @property {Promise<Exit>} exited never rejects
 * @property {() => boolean} running
 * @property {() => string} tail the last lines it wrote
 * @property {<T>(test: (line: string) => T | undefined, timeoutMs: number) => Promise<T>} waitFor
 *   the first line on which `test` answers; rejects when the child exits first or time runs out
 * @property {(ending?: { signal?: NodeJS.Signals, graceMs?: number }) => Promise<void>} stop idempotent
 *
 * @typedef {{ name: string, child: Child, stop: () => Promise<void> }} Part a running part and the way to stop it
 */

/**
 * Starts a child in a session and process group of its own, so that Ctrl+C reaches this process only
 * and the whole group can be ended at once.
 *
 * @param {ChildOptions} options
 * @returns {Child}
 */
export function startChild(options) {
  const [program = "", ...args] = options.command;
  const child = spawn(program, args, { cwd: options.cwd, env: options.env, detached: true, stdio: "pipe" });
  child.stdin.on("error", () => {}); // a child that died before reading says so by its exit
  child.stdin.end(options.input ?? "");
  /** @type {string[]} */
  const tail = [];
  /** @type {Set<(line: string) => void>} */
  const watchers = new Set();
  const take = (/** @type {string} */ text) => {
    tail.push(text);
    if (tail.length > (options.keep ?? 60)) tail.shift();
    options.onLine?.(text);
    for (const watcher of watchers) watcher(text);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", take);

  /** @type {Exit | undefined} */
  let exit;
  const exited = new Promise((/** @type {(exit: Exit) => void} */ resolve) => {
    child.on("error", (error) => {
      take(String(error));
      resolve((exit = { code: 127, signal: null }));
    });
    // "close" comes after the last output, but a grandchild may hold the pipes open for ever.
    child.on("exit", (code, signal) => {
      const settle = () => resolve((exit = { code, signal }));
      const patience = setTimeout(settle, 1000);
      child.once("close", () => (clearTimeout(patience), settle()));
    });
  });

  /** @type {Promise<void> | undefined} */
  let stopping;
  /** @type {Child["stop"]} */
  const stop = (ending = {}) => (stopping ??= endGroup(child.pid, exited, () => exit !== undefined, ending));
  const abort = () => void stop({ signal: "SIGINT" });
  if (options.signal?.aborted) abort();
  options.signal?.addEventListener("abort", abort);
  void exited.then(() => options.signal?.removeEventListener("abort", abort));

  return {
    name: options.name,
    pid: child.pid ?? 0,
    exited,
    running: () => exit === undefined,
    tail: () => tail.join("\n"),
    waitFor: (test, timeoutMs) =>
      new Promise((resolve, reject) => {
        const finish = () => (clearTimeout(timer), watchers.delete(watcher));
        const watcher = (/** @type {string} */ text) => {
          const answer = test(text);
          if (answer !== undefined) resolve((finish(), answer));
        };
        const fail = (/** @type {string} */ why) => reject((finish(), new Error(`${options.name} ${why}`)));
        const timer = setTimeout(() => fail(`was not ready after ${timeoutMs / 1000} s`), timeoutMs);
        watchers.add(watcher);
        for (const text of [...tail]) watcher(text);
        void exited.then(({ code, signal }) => fail(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`));
      }),
    stop,
  };
}

/**
 * @param {number | undefined} pid
 * @param {Promise<Exit>} exited
 * @param {() => boolean} gone
 * @param {{ signal?: NodeJS.Signals, graceMs?: number }} ending
 */
async function endGroup(pid, exited, gone, { signal = "SIGTERM", graceMs = 5000 }) {
  if (pid === undefined) return;
  if (!gone()) {
    send(pid, signal);
    const patience = setTimeout(() => send(-pid, "SIGKILL"), graceMs);
    await exited;
    clearTimeout(patience);
  }
  send(-pid, "SIGKILL"); // whatever the child left behind in its group
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}

/**
 * Runs a command to its end.
 *
 * @param {ChildOptions} options
 * @returns {Promise<Exit & { output: string }>} output: the last lines of both streams
 */
export async function run(options) {
  const child = startChild(options);
  const exit = await child.exited;
  return { ...exit, output: child.tail() };
}

/**
 * Runs a command that writes to this terminal itself, in a session of its own.
 *
 * @param {{ command: readonly string[], cwd: string, env: NodeJS.ProcessEnv, signal: AbortSignal }} options
 * @returns {Promise<number>} its exit code; 1 when a signal ended it
 */
export async function runAttached({ command: [program = "", ...args], cwd, env, signal }) {
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", "inherit", "inherit"] });
  const exited = once(child, "exit");
  const abort = () =>
    void endGroup(child.pid, /** @type {Promise<any>} */ (exited), () => child.exitCode !== null, { signal: "SIGINT", graceMs: 10_000 });
  signal.addEventListener("abort", abort);
  try {
    const [code] = /** @type {[number | null]} */ (await exited);
    return code ?? 1;
  } finally {
    signal.removeEventListener("abort", abort);
    if (child.pid !== undefined) send(-child.pid, "SIGKILL"); // such as what a failed test left running
  }
}

/**
 * Runs a command and answers with its standard output. Its standard error is only for the message of
 * a failure, so that a warning never ends up in a token.
 *
 * @param {{ command: readonly string[], cwd: string, env: NodeJS.ProcessEnv }} options
 */
export async function capture({ command: [program = "", ...args], cwd, env }) {
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr = (stderr + text).slice(-8000)));
  const [code] = await once(child, "close");
  return { code: /** @type {number | null} */ (code), stdout: stdout.trim(), stderr: stderr.trim() };
}
