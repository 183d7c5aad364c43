import { randomInt } from "node:crypto";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { home } from "../paths.mjs";
import { Refusal } from "../say.mjs";

const usage = `usage: npm run demo -- [--port N] [--url https://HOST:PORT] [--minutes N] [--seed N] [--fresh] [--data FOLDER]

  --port N      port of the hub; the first free one from 7879 on
  --url URL     address of this machine under which browsers elsewhere reach the hub, with https://
  --minutes N   end by itself after so long
  --seed N      of the traffic's schedule; a new one each time
  --fresh       without what earlier demos kept: hosts, history, accounts
  --data FOLDER where that is kept`;

/** What `npm run demo` keeps: hosts, history and accounts, apart from those of `npm start`. */
export const demoFolder = join(home.data, "demo");

/**
 * @typedef {object} DemoOptions
 * @property {number | undefined} port
 * @property {URL | undefined} url
 * @property {number | undefined} minutes
 * @property {number} seed 32 bits
 * @property {boolean} fresh
 * @property {string} data
 */

/** @param {readonly string[]} argv @returns {DemoOptions} */
export function readOptions(argv) {
  const { port, url, minutes, seed, fresh, data } = parsed(argv);
  if (port !== undefined && url !== undefined) throw new Refusal("--url has the port in it already; leave --port out.", usage);
  return {
    port: port === undefined ? undefined : number(port, "--port", (n) => Number.isInteger(n) && n > 0 && n < 65_536),
    url: url === undefined ? undefined : address(url),
    minutes: minutes === undefined ? undefined : number(minutes, "--minutes", (n) => n > 0 && n <= 10_000),
    seed: seed === undefined ? randomInt(2 ** 32) : number(seed, "--seed", (n) => Number.isInteger(n) && n >= 0 && n < 2 ** 32),
    fresh: fresh ?? false,
    data: data === undefined ? demoFolder : resolve(data),
  };
}

/** @param {readonly string[]} argv */
function parsed(argv) {
  const text = /** @type {const} */ ({ type: "string" });
  try {
    return parseArgs({
      args: [...argv],
      options: { port: text, url: text, minutes: text, seed: text, data: text, fresh: { type: "boolean" } },
    }).values;
  } catch (error) {
    throw new Refusal(error instanceof Error ? error.message : String(error), usage);
  }
}

/** @param {string} text @param {string} flag @param {(n: number) => boolean} fits */
function number(text, flag, fits) {
  const value = Number(text);
  if (text.trim() === "" || !fits(value)) throw new Refusal(`${flag} ${text} makes no sense.`, usage);
  return value;
}

/** Hosts of the demo do not reach this machine's loopback, and the hub gives no other address without TLS. @param {string} text */
function address(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const loopback = url === undefined || /^(localhost|127\..*|\[::1\])$/.test(url.hostname);
  if (loopback || url.protocol !== "https:" || url.port === "" || url.pathname !== "/") {
    throw new Refusal(`--url ${text} is no address like https://192.0.2.5:7879.`, usage);
  }
  return url;
}
