import { execFileSync } from "node:child_process";
import { chmodSync, createWriteStream, createReadStream, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { modulesFor } from "./modules.mjs";
import { runnerCommand, stageAnswers, stageBundle, stagePrograms } from "./stage.mjs";

/** @typedef {{ archive: string, home: string }} Common the archive, and where its bundle lies unpacked on this machine */

const init = (/** @type {string} */ command) => `#!/bin/busybox sh
# The first process: kernel file systems, modules, then the runner on the second serial port.
/bin/busybox --install -s /bin
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
mount -t bpf bpf /sys/fs/bpf
for module in /modules/*.ko; do insmod "$module"; done
ip link set lo up
ulimit -l unlimited # as the agent's unit has it: before 5.11 maps are charged to this limit
${command} </dev/null >/dev/ttyS1 2>/dev/ttyS0
poweroff -f
`;

/**
 * Packs what every kernel gets: the bundle, the runner, and the programs it calls.
 *
 * @param {{ folder: string, seed: number }} options folder: for what is made
 * @returns {Promise<Common>}
 */
export async function packCommon({ folder, seed }) {
  const tree = join(folder, "tree");
  for (const name of ["dev", "modules", "proc", "run", "sys", "tmp"]) mkdirSync(join(tree, name), { recursive: true });
  const home = join(tree, "sonde");
  await stageBundle(home);
  stageAnswers(home, seed);
  stagePrograms(tree);
  mkdirSync(join(tree, "etc"));
  writeFileSync(join(tree, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\n"); // tcpdump changes to a user by name
  writeFileSync(join(tree, "init"), init(runnerCommand("/sonde", seed).join(" ")));
  chmodSync(join(tree, "init"), 0o755);
  return { archive: pack(tree, join(folder, "common.cpio")), home };
}

/**
 * The initramfs of one kernel: the common archive and its modules, one behind the other
 * (Documentation/driver-api/early-userspace/buffer-format.rst).
 *
 * @param {{ folder: string, common: string, modules: string, name: string }} options modules: the kernel's folder of them
 * @returns {Promise<string>}
 */
export async function packFor({ folder, common, modules, name }) {
  const tree = join(folder, `modules-${name}`);
  mkdirSync(join(tree, "modules"), { recursive: true });
  modulesFor(modules).forEach((module, i) => writeFileSync(join(tree, "modules", `${10 + i}-${module.name}.ko`), module.bytes));
  const target = join(folder, `${name}.cpio`);
  const own = pack(tree, join(folder, `modules-${name}.cpio`));
  const out = createWriteStream(target);
  for (const part of [common, own]) await pipeline(createReadStream(part), out, { end: part === own });
  rmSync(tree, { recursive: true });
  return target;
}

/** @param {string} tree @param {string} file */
function pack(tree, file) {
  const names = readdirSync(tree, { recursive: true, encoding: "utf8" });
  execFileSync("cpio", ["--quiet", "-o", "-H", "newc", "-R", "0:0", "-O", file], { cwd: tree, input: names.join("\n") });
  return file;
}
