import { createWriteStream, existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { warn } from "./say.mjs";

/**
 * Keeps a child's lines in `<folder>/<name>.log` (the previous run's beside it as `.log.1`) and shows
 * its warnings and errors at the terminal.
 *
 * @param {string} folder
 * @param {string} name
 * @param {{ quiet?: boolean }} [options] quiet: show nothing
 */
export function keepLog(folder, name, { quiet = false } = {}) {
  const path = join(folder, `${name}.log`);
  if (existsSync(path)) renameSync(path, `${path}.1`);
  const file = createWriteStream(path, { mode: 0o600 });
  return {
    path,
    /** @param {string} text */
    onLine: (text) => {
      file.write(`${text}\n`);
      if (quiet) return;
      const trouble = troubleOf(text);
      if (trouble !== undefined) warn(`${name}: ${trouble}`);
    },
  };
}

const words = new Set(["warn", "error", "fatal"]);

/** The message of a line that tells of trouble: pino's JSON (level 40 and up) or Postgres's own words. @param {string} text */
export function troubleOf(text) {
  const record = parseRecord(text);
  if (record === undefined) {
    const [, level = "", message] = /\b(WARNING|ERROR|FATAL|PANIC):\s+(.*)$/.exec(text) ?? [];
    return message === undefined ? undefined : `${level.toLowerCase()}: ${message}`;
  }
  const { level } = record;
  const loud = typeof level === "number" ? level >= 40 : typeof level === "string" && words.has(level);
  return loud ? describe(record) : undefined;
}

/** A child's last lines for the terminal: plain text as it is, of JSON records only the trouble. @param {string} tail */
export function readable(tail) {
  const lines = tail.split("\n").map((text) => (parseRecord(text) === undefined ? text : troubleOf(text)));
  return lines
    .filter((text) => text !== undefined && text !== "")
    .slice(-20)
    .join("\n");
}

/** A JSON log line as a record. @param {string} text @returns {Record<string, unknown> | undefined} */
export function parseRecord(text) {
  if (!text.startsWith("{")) return undefined;
  try {
    const value = /** @type {unknown} */ (JSON.parse(text));
    return typeof value === "object" && value !== null ? /** @type {Record<string, unknown>} */ (value) : undefined;
  } catch {
    return undefined;
  }
}

/** @param {Record<string, unknown>} record */
function describe(record) {
  const error = record["err"] ?? record["error"];
  const why =
    typeof error === "object" && error !== null && "message" in error ? String(error.message) : typeof error === "string" ? error : "";
  const message = typeof record["msg"] === "string" ? record["msg"] : "";
  if (message === "" && why === "") return JSON.stringify(record);
  return message === "" || why === "" || message.includes(why) ? message || why : `${message}: ${why}`;
}
