import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../proc.mjs";
import { Refusal } from "../say.mjs";
import { debianMirror } from "./mirror.mjs";

/**
 * A kernel that can be booted: its release as `uname -r` says it, its image, its folder of modules.
 *
 * @typedef {{ release: string, image: string, modules: string }} Kernel
 */

/** How long the archive is not asked again which kernel is the current one. */
const FRESH_MS = 24 * 3600 * 1000;
/** The meta package of the stock kernel for virtual machines; small, and made for qemu's devices. */
const meta = "linux-image-cloud-amd64";

/**
 * Fetches a suite's current kernel into the cache with private apt lists, and unpacks it; nothing is
 * installed. What the cache holds serves for a day, and for longer when the archive cannot be reached.
 *
 * @param {{ suite: string, cache: string, signal: AbortSignal, detail: (text: string) => void }} options
 * @returns {Promise<Kernel>}
 */
export async function fetchKernel({ suite, cache, signal, detail }) {
  const folder = join(cache, suite);
  const stamp = join(folder, "current.json");
  const known = existsSync(stamp) ? /** @type {{ root: string, at: number }} */ (JSON.parse(readFileSync(stamp, "utf8"))) : undefined;
  if (known !== undefined && Date.now() - known.at < FRESH_MS && existsSync(known.root)) return kernelIn(known.root);
  try {
    const root = await update(folder, suite, signal, detail);
    writeFileSync(stamp, JSON.stringify({ root, at: Date.now() }));
    for (const old of readdirSync(folder))
      if (old.startsWith("root-") && join(folder, old) !== root) rmSync(join(folder, old), { recursive: true });
    return kernelIn(root);
  } catch (error) {
    if (known === undefined || !existsSync(known.root) || signal.aborted) throw error;
    detail(`keeping the one fetched before: ${error instanceof Error ? error.message : String(error)}`);
    return kernelIn(known.root);
  }
}

/**
 * @param {string} folder
 * @param {string} suite
 * @param {AbortSignal} signal
 * @param {(text: string) => void} detail
 */
async function update(folder, suite, signal, detail) {
  const apt = privateApt(folder, suite, signal, detail);
  await apt("apt-get", "update");
  const needed = await packages(apt, suite);
  const [image = ""] = needed;
  const root = join(folder, `root-${image}`);
  if (existsSync(root)) return root;
  const debs = join(folder, "debs");
  rmSync(debs, { recursive: true, force: true });
  mkdirSync(debs);
  await apt("apt-get", "download", ...needed);
  const draft = `${root}.part`;
  rmSync(draft, { recursive: true, force: true });
  for (const deb of readdirSync(debs)) await must(["dpkg", "-x", join(debs, deb), draft], folder, signal);
  rmSync(debs, { recursive: true });
  renameSync(draft, root);
  return root;
}

/** The image the meta package stands for now, and what it is made of: image, binary and modules are one or three packages. */
async function packages(/** @type {Apt} */ apt, /** @type {string} */ suite) {
  /** @type {string[]} */
  const found = [];
  const queue = [meta];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const shown = await apt("apt-cache", "show", "--no-all-versions", name);
    const depends = /^Depends: (.*)$/m.exec(shown)?.[1] ?? "";
    const parts = [...depends.matchAll(/\blinux-(?:image|binary|modules)-\d\S*/g)].map(([part]) => part);
    const news = parts.filter((part) => !found.includes(part));
    found.push(...news);
    queue.push(...news);
  }
  if (found.length === 0) throw new Refusal(`${meta} of Debian ${suite} names no kernel.`);
  return found;
}

/** @typedef {(program: string, ...args: string[]) => Promise<string>} Apt answers with what the program wrote */

/**
 * apt on lists, cache and sources of its own: the machine's stay as they are.
 *
 * @param {string} folder
 * @param {string} suite
 * @param {AbortSignal} signal
 * @param {(text: string) => void} detail
 * @returns {Apt}
 */
function privateApt(folder, suite, signal, detail) {
  for (const part of ["lists/partial", "cache", "debs"]) mkdirSync(join(folder, part), { recursive: true });
  const { uri, signedBy } = debianMirror();
  const sources = join(folder, "sources.list");
  writeFileSync(sources, `deb [signed-by=${signedBy}] ${uri} ${suite} main\n`);
  chmodSync(sources, 0o644);
  const options = {
    "Dir::Etc::SourceList": sources,
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::State::Lists": join(folder, "lists"),
    "Dir::State::Status": "/dev/null",
    "Dir::Cache": join(folder, "cache"),
    "Acquire::Languages": "none",
    "APT::Sandbox::User": "root",
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  return (program, ...args) => {
    detail(`${program} ${args[0]} (${suite})`);
    return must([program, "-q", ...flags, ...args], join(folder, "debs"), signal);
  };
}

/** @param {readonly string[]} command @param {string} cwd @param {AbortSignal} signal */
async function must(command, cwd, signal) {
  const result = await run({ name: command[0] ?? "", command, cwd, env: { ...process.env, LC_ALL: "C" }, signal, keep: 2000 });
  signal.throwIfAborted();
  if (result.code !== 0) throw new Refusal(`${command[0]} failed.`, result.output);
  return result.output;
}

/** @param {string} root @returns {Kernel} */
function kernelIn(root) {
  const parent = [join(root, "usr/lib/modules"), join(root, "lib/modules")].find((path) => existsSync(path)) ?? root;
  const [release = ""] = readdirSync(parent);
  const modules = join(parent, release);
  const image = [join(root, "boot", `vmlinuz-${release}`), join(modules, "vmlinuz")].find((path) => existsSync(path));
  if (image === undefined) throw new Refusal(`no kernel image in ${root}.`);
  return { release, image, modules };
}
