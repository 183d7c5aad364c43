import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Says what this machine lacks for a test, or null when it has it. */
export type Need = () => string | null;

function program(name: string): Need {
  return () => {
    const found = (process.env["PATH"] ?? "").split(delimiter).some((folder) => isExecutable(join(folder, name)));
    return found ? null : `${name} is not installed`;
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** CAP_NET_ADMIN (12), CAP_SYS_ADMIN (21), CAP_BPF (39): capabilities(7). A container's root may lack them. */
function root(): string | null {
  if (process.getuid?.() !== 0) return "needs root";
  const [, mask = "0"] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  const held = BigInt(`0x${mask}`);
  const missing = [12n, 21n, 39n].filter((bit) => (held & (1n << bit)) === 0n);
  return missing.length === 0 ? null : `needs the capabilities ${missing.join(", ")}`;
}

/** TCX came with Linux 6.6. */
function tcx(): string | null {
  const release = readFileSync("/proc/sys/kernel/osrelease", "utf8").trim();
  const [major = 0, minor = 0] = release.split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 6) ? null : `needs TCX, of Linux 6.6; this is ${release}`;
}

function namespaces(): string | null {
  return root() ?? program("ip")() ?? (spawnSync("unshare", ["--net", "true"]).status === 0 ? null : "may not make network namespaces");
}

export const needs = {
  root,
  tcx,
  namespaces,
  bpftool: program("bpftool"),
  btf: (): string | null => (existsSync("/sys/kernel/btf/vmlinux") ? null : "the kernel has no BTF"),
  chromium: program("chromium"),
  busybox: (): string | null => (isExecutable("/bin/busybox") ? null : "busybox is not installed"),
  curl: program("curl"),
  tcpreplay: program("tcpreplay"),
  tcpdump: program("tcpdump"),
  tshark: program("tshark"),
  dumpcap: program("dumpcap"),
  debianSources: (): string | null => program("apt-get")() ?? program("dpkg-source")(),
  openssl: program("openssl"),
  dnsmasq: program("dnsmasq"),
  iperf3: program("iperf3"),
  nc: program("nc"),
  nft: program("nft"),
  ping: program("ping"),
  qemu: program("qemu-system-x86_64"),
  cpio: program("cpio"),
} satisfies Record<string, Need>;

/**
 * Decides whether tests can run here:
 * `const gate = gated(needs.root, needs.btf); describe.skipIf(gate.skip)(gate.name("engine"), …)`.
 * A skipped test carries the reason in its name, so that every report shows it.
 */
export function gated(...wanted: readonly Need[]): { readonly skip: boolean; readonly name: (text: string) => string } {
  const reasons = wanted.map((need) => need()).filter((reason) => reason !== null);
  return { skip: reasons.length > 0, name: (text) => (reasons.length > 0 ? `${text} [${reasons.join("; ")}]` : text) };
}
