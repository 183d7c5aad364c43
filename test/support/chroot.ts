import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Fills `root` with busybox, curl and what curl needs, and nothing else: a host without npm, compiler
 * or package manager. /proc and /sys are mounted by whoever enters it (see enterCommand).
 */
export function makeBusyboxRoot(root: string): void {
  for (const folder of ["bin", "dev", "etc", "proc", "sys", "tmp", "run", "root", "var"])
    mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, "tmp"), 0o1777);
  copyFileSync("/bin/busybox", join(root, "bin/busybox"));
  for (const applet of execFileSync("/bin/busybox", ["--list"], { encoding: "utf8" }).trim().split("\n")) {
    const link = join(root, "bin", applet);
    if (applet !== "busybox" && !existsSync(link)) symlinkSync("busybox", link);
  }
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  writeFileSync(join(root, "etc/hosts"), "127.0.0.1 localhost\n");
  copyProgram("/usr/bin/curl", root, "bin/curl");
}

/** Copies a program and every library `ldd` names, the libraries at the paths it names them. */
function copyProgram(program: string, root: string, to: string): void {
  copyFileSync(realpathSync(program), join(root, to));
  const listed = execFileSync("ldd", [program], { encoding: "utf8" });
  for (const [path] of listed.matchAll(/\/\S+/g)) {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    if (!existsSync(target)) copyFileSync(realpathSync(path), target);
  }
}

/**
 * argv that runs `script` by the root's own sh, in a mount namespace of its own, so that /proc, /sys
 * and /dev/null go when its last process does.
 */
export function enterCommand(root: string, script: string): string[] {
  const mounts = [
    `mount -t proc proc ${root}/proc`,
    `mount -t sysfs -o ro sysfs ${root}/sys`,
    `touch ${root}/dev/null ${root}/dev/urandom`,
    `mount --bind /dev/null ${root}/dev/null`,
    `mount --bind /dev/urandom ${root}/dev/urandom`,
  ].join(" && ");
  return ["unshare", "--mount", "sh", "-c", `${mounts} && exec chroot ${root} /bin/sh -c "$0"`, script];
}
