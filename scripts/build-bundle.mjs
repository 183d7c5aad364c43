// Makes the bundle the hub hands to new hosts: apps/agent/dist/sonde-agent-x86_64.tar.gz and its .sha256.
// It holds Node, the agent, the addon, the programs, the filter compiler and every library they need, libc and the loader
// included, so it runs on a host that has nothing but a kernel and a POSIX sh. Same inputs, same bytes.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "apps/agent/dist");
const bundle = join(dist, "sonde-agent-x86_64.tar.gz");
const loader = "/lib64/ld-linux-x86-64.so.2";

const programs = new Set(["node", "pcap-compile"]);

const launcher = `#!/bin/sh
# The bundle's own loader and libraries, wherever the bundle lies.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/${basename(loader)}" --library-path "$here/lib" "$here/node" "$here/agent.mjs" "$@"
`;

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`build-bundle: ${message}\n`);
  process.exit(1);
}

/** Node's own file. Started through a loader, execPath is the loader; the mapped file is then Node. */
function nodeBinary() {
  if (!basename(process.execPath).startsWith("ld-")) return realpathSync(process.execPath);
  const mapped = readFileSync("/proc/self/maps", "utf8").match(/\/\S*\/node$/m);
  return mapped === null ? fail("cannot find the node binary") : mapped[0];
}

/** Every shared library `files` need, as ldd resolves them: name in lib/ → path here. ldd follows by itself. @param {readonly string[]} files */
function libraries(files) {
  const found = new Map([[basename(loader), realpathSync(loader)]]);
  for (const file of files) {
    const listed = execFileSync("ldd", [file], { encoding: "utf8" });
    const missing = listed.match(/^\s*(\S+) => not found/m);
    if (missing !== null) fail(`${file} needs ${missing[1]}, which is not installed here`);
    for (const [, name = "", path = ""] of listed.matchAll(/^\s*(\S+) => (\/\S+)/gm)) found.set(name, realpathSync(path));
  }
  return found;
}

/** Place in the bundle → file here. */
function contents() {
  const required = ["agent.mjs", "judge-worker.mjs", "sonde_bpf.node", "pcap-compile"];
  const built = readdirSync(dist).filter((name) => required.includes(name) || name.endsWith(".bpf.o"));
  for (const needed of required) {
    if (!built.includes(needed)) fail(`apps/agent/dist/${needed} is missing; run: npm run build -w @sonde/agent`);
  }
  const node = nodeBinary();
  const files = new Map(built.map((name) => [name, join(dist, name)]));
  files.set("node", node);
  files.set("sonde-agent.service", join(root, "deploy/sonde-agent.service"));
  files.set("LICENSE", join(root, "LICENSE"));
  for (const [name, path] of libraries([node, join(dist, "sonde_bpf.node"), join(dist, "pcap-compile")])) files.set(`lib/${name}`, path);
  return files;
}

/** Changes when the bundle would. Files of the system are told apart by size and time, ours by their bytes. @param {ReadonlyMap<string, string>} files */
function fingerprint(files) {
  const hash = createHash("sha256").update(readFileSync(fileURLToPath(import.meta.url)));
  for (const [name, path] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { size, mtimeMs } = statSync(path);
    hash.update(
      `${name}\0${path.startsWith(root) ? createHash("sha256").update(readFileSync(path)).digest("hex") : `${path} ${size} ${mtimeMs}`}\0`,
    );
  }
  return hash.digest("hex");
}

/** @param {ReadonlyMap<string, string>} files */
function pack(files) {
  const stage = mkdtempSync(join(dist, ".bundle-"));
  try {
    const folder = join(stage, "agent");
    mkdirSync(join(folder, "lib"), { recursive: true });
    for (const [name, path] of files) {
      copyFileSync(path, join(folder, name));
      chmodSync(join(folder, name), programs.has(name) || name.startsWith("lib/ld-") ? 0o755 : 0o644);
    }
    writeFileSync(join(folder, "sonde-agent"), launcher);
    chmodSync(join(folder, "sonde-agent"), 0o755);
    const draft = join(stage, "bundle.tar");
    const fixed = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=u+rwX,go=rX"];
    execFileSync("tar", [...fixed, "-cf", draft, "-C", folder, "."]);
    execFileSync("gzip", ["-n", "-6", draft]);
    renameSync(`${draft}.gz`, bundle);
  } finally {
    rmSync(stage, { recursive: true });
  }
}

if (process.arch !== "x64") fail(`bundles are made on x86-64; this is ${process.arch}`);
const files = contents();
const inputs = fingerprint(files);
const stamp = `${bundle}.inputs`;
/** Inputs and bytes together: either file may have been put back from a build cache. */
const stampOf = () => `${inputs} ${readFileSync(`${bundle}.sha256`, "utf8")}`;
const all = [bundle, `${bundle}.sha256`, stamp];
if (all.every((path) => existsSync(path)) && readFileSync(stamp, "utf8") === stampOf()) process.exit(0);
process.stderr.write("Packing the agent for other hosts\n");
rmSync(stamp, { force: true });
pack(files);
writeFileSync(`${bundle}.sha256`, `${createHash("sha256").update(readFileSync(bundle)).digest("hex")}  ${basename(bundle)}\n`);
writeFileSync(stamp, stampOf());
