import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isRunning } from "./postgres.mjs";
import { run } from "./proc.mjs";
import { Refusal } from "./say.mjs";

/** @typedef {ReturnType<typeof import("./paths.mjs").layout>} Layout */

/** What an instance cannot be made anew without: the database, the hub's secret and key, its own agent's credential. */
const parts = ["postgres", "hub", "agent"];
const manifest = "backup.json";
const format = 1;

/**
 * Copies a stopped instance into one archive that only its owner can read. Throws a Refusal when the instance runs or
 * the file is there already; an archive that was not finished is not left behind.
 *
 * @param {{ at: Layout, file: string, machine?: string }} options `machine`: what tells this machine from others
 */
export async function backUp({ at, file, machine = machineId() }) {
  const target = resolve(file);
  if (existsSync(target)) throw new Refusal(`${target} is there already; name a file that is not.`);
  const there = parts.filter((part) => existsSync(join(at.data, part)));
  if (!there.includes("hub")) throw new Refusal(`there is nothing to back up in ${at.data}: Sonde never ran from this clone.`);
  if (isRunning(at.postgres)) throw new Refusal("the database still runs: stop `npm start` first.");
  const list = join(at.data, manifest);
  const part = `${target}.part`;
  writeFileSync(list, JSON.stringify({ format, machine }), { mode: 0o600 });
  try {
    writeFileSync(part, "", { mode: 0o600 }); // the archive holds keys: nobody else may read it at any moment
    await tar(["--create", "--gzip", "--numeric-owner", "--exclude=postmaster.pid", "--file", part, "-C", at.data, manifest, ...there]);
    renameSync(part, target);
  } finally {
    rmSync(part, { force: true });
    rmSync(list, { force: true });
  }
}

/**
 * Puts an archive's instance where none is. On another machine its agent's credential stays behind: that host is
 * another one. Throws a Refusal when something is there or the archive is none; nothing is left half restored.
 *
 * @param {{ at: Layout, file: string, machine?: string }} options
 */
export async function restore({ at, file, machine = machineId() }) {
  const source = resolve(file);
  const taken = parts.find((part) => existsSync(join(at.data, part)));
  if (taken !== undefined)
    throw new Refusal(`${join(at.data, taken)} is there: restore into a clone that Sonde never ran from, or move it away.`);
  if (!existsSync(source)) throw new Refusal(`${source} is not there.`);
  const fresh = join(at.data, "restore.tmp");
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  chmodSync(at.data, 0o711); // the database runs as another user
  try {
    const from = ["--extract", "--gzip", "--numeric-owner", "--preserve-permissions", "--file", source, "-C", fresh];
    await tar([...from, manifest]);
    const wanted = parts.filter((part) => part !== "agent" || readManifest(join(fresh, manifest)).machine === machine);
    await tar([...from, ...parts.filter((part) => !wanted.includes(part)).map((part) => `--exclude=${part}`)]);
    for (const part of wanted) if (existsSync(join(fresh, part))) renameSync(join(fresh, part), join(at.data, part));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** @param {string} path @returns {{ machine: string }} */
function readManifest(path) {
  const value = JSON.parse(readFileSync(path, "utf8"));
  if (value?.format !== format || typeof value.machine !== "string")
    throw new Refusal("this archive was written by another version of Sonde.");
  return value;
}

/** @param {readonly string[]} args */
async function tar(args) {
  const { code, output } = await run({ name: "tar", command: ["tar", ...args], cwd: "/", env: process.env });
  if (code === 0) return;
  const file = args[args.indexOf("--file") + 1] ?? "";
  const doing =
    args[0] === "--create" ? `could not write ${dirname(file)}/${basename(file, ".part")}` : `${file} is no whole backup of Sonde`;
  throw new Refusal(`${doing}.`, output);
}

/** machine-id(5); without one every machine is the same. */
function machineId() {
  try {
    return readFileSync("/etc/machine-id", "utf8").trim();
  } catch {
    return "";
  }
}
