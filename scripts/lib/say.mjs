/** Progress: one line a step, live on a terminal, plain elsewhere. */

/** A command whose standard output is data says its progress on standard error. */
const out = process.argv.includes("--json") ? process.stderr : process.stdout;
const tty = out.isTTY === true && process.env["TERM"] !== "dumb";
const colour = tty && process.env["NO_COLOR"] === undefined;

/** @param {number} code @param {string} text */
const paint = (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);

/** @param {string} text */
export const dim = (text) => paint(2, text);
/** @param {string} text */
export const bold = (text) => paint(1, text);

/** The line being rewritten on the terminal, if any. */
let open = "";

/** Prints a line of its own, moving a running step's line below it. @param {string} text */
export function line(text) {
  out.write(open === "" ? `${text}\n` : `\r\x1b[K${text}\n${open}`);
}

/** @param {string} text */
export const warn = (text) => line(`${paint(33, "!")} ${text}`);

/** @param {number} ms */
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Runs `work` as one named step. `detail` shows what it is busy with on a terminal; elsewhere a line
 * every 15 s says that it is still at work.
 *
 * @template T
 * @param {string} label
 * @param {(detail: (text: string) => void) => Promise<T>} work
 * @param {(value: T) => boolean} [passed] whether what came back is a success
 * @returns {Promise<T>}
 */
export async function step(label, work, passed = () => true) {
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  let about = "";
  const draw = () => {
    const room = Math.max(20, (out.columns ?? 80) - label.length - 16);
    open = `… ${label} ${dim(`${seconds(elapsed())} ${about.slice(0, room)}`)}`;
    out.write(`\r\x1b[K${open}`);
  };
  const timer = tty ? setInterval(draw, 200) : setInterval(() => line(`  ${label}: still at work after ${seconds(elapsed())}`), 15_000);
  if (tty) draw();
  const finish = (/** @type {string} */ mark) => {
    clearInterval(timer);
    if (tty) out.write("\r\x1b[K");
    open = "";
    line(`${mark} ${label} ${dim(seconds(elapsed()))}`);
  };
  try {
    const value = await work((text) => (about = text));
    finish(passed(value) ? paint(32, "✓") : paint(31, "✗"));
    return value;
  } catch (error) {
    finish(paint(31, "✗"));
    throw error;
  }
}

/** A failure with a message meant for the person at the terminal: shown without a stack. */
export class Refusal extends Error {
  /** @param {string} message @param {string} [details] more lines, such as a child's last output */
  constructor(message, details = "") {
    super(message);
    this.details = details;
  }
}

/** Shows why the command ends. @param {unknown} error */
export function showFailure(error) {
  if (!(error instanceof Refusal)) {
    console.error(error);
    return;
  }
  if (error.details !== "") process.stderr.write(`${error.details.trimEnd()}\n`);
  process.stderr.write(`${paint(31, "sonde:")} ${error.message}\n`);
}
