import { readFileSync } from "node:fs";
import { arch, cpus, hostname, release } from "node:os";
import { getSystemErrorName } from "node:util";
import type { KernelFacts, Tried } from "@sonde/bpf";
import type { Passport } from "@sonde/protocol";

type Fact = Passport["facts"][number];
const EPERM = 1;
const EACCES = 13;

export type PassportOptions = {
  readonly agentVersion: string;
  /** Throws when the addon cannot be loaded: that is a fact too. */
  readonly probeKernel: () => KernelFacts;
  /** /etc/os-release, or another root's. */
  readonly osRelease?: string;
};

/** What this host can do, by trying; what is missing, and what is lost by it. Never throws, needs no privilege. */
export function readPassport(options: PassportOptions): Passport {
  return {
    hostname: hostname().slice(0, 255),
    kernel: release().slice(0, 255),
    arch: arch(),
    os: prettyName(options.osRelease ?? "/etc/os-release"),
    agentVersion: options.agentVersion,
    cpus: cpus().length,
    facts: facts(options.probeKernel),
  };
}

function facts(probeKernel: () => KernelFacts): Fact[] {
  let found: KernelFacts;
  try {
    found = probeKernel();
  } catch (error) {
    const detail = (error instanceof Error ? error.message : String(error)).slice(0, 500);
    return [{ id: "addon", label: "eBPF addon", ok: false, detail, lost: "everything: no program can be loaded" }];
  }
  const { capabilities } = found;
  return [
    known(
      "btf",
      "Kernel type information (BTF)",
      found.btf,
      "/sys/kernel/btf/vmlinux",
      "everything: the programs cannot be fitted to this kernel",
    ),
    tried(
      "ringbuf",
      "Ring buffer",
      found.ringbuf,
      "packet records; Linux 5.8 or newer has it, and there is no perf buffer in its place",
      "tried, works; no perf buffer is needed",
    ),
    tried("tcx", "TCX hooks", found.tcx, "links that end with the agent; clsact does the same; Linux 6.6 or newer has TCX"),
    tried(
      "clsact",
      "clsact filters",
      found.clsact,
      "the way into TC before Linux 6.6; a killed agent's filters stay until the next one replaces them",
    ),
    tried("socket", "Packet-socket filter", found.socket, "watching where neither TCX nor clsact can be had"),
    tried("xdp", "XDP programs", found.xdp, "counting before the stack, by --xdp and --xdp-generic; TCX does the same work later"),
    tried("xdp-native", "XDP in the driver", found.xdpNative, "counting in the driver, by --xdp; tried on a veth, each driver may differ"),
    tried("xdp-generic", "XDP before the stack", found.xdpGeneric, "counting before the stack with any driver, by --xdp-generic"),
    known(
      "cap-bpf",
      "CAP_BPF",
      capabilities.bpf || capabilities.sysAdmin,
      "may load programs",
      "loading programs: run as root or with CAP_BPF",
    ),
    known(
      "cap-perfmon",
      "CAP_PERFMON",
      capabilities.perfmon || capabilities.sysAdmin,
      "may read kernel memory from programs",
      "loading programs that follow kernel pointers",
    ),
    known(
      "cap-net-admin",
      "CAP_NET_ADMIN",
      capabilities.netAdmin,
      "may attach to interfaces",
      "attaching to interfaces: run as root or with CAP_NET_ADMIN",
    ),
  ];
}

function known(id: string, label: string, ok: boolean, detail: string, lost: string): Fact {
  return ok ? { id, label, ok, detail } : { id, label, ok, detail: "not there", lost };
}

/** A refusal for want of privilege says nothing about the kernel. */
function tried(id: string, label: string, { ok, errno }: Tried, lost: string, works = "tried, works"): Fact {
  if (ok) return { id, label, ok, detail: works };
  if (errno === EPERM || errno === EACCES) {
    return { id, label, ok, detail: "cannot be found out without CAP_BPF and CAP_NET_ADMIN", lost: `unknown; if it is missing: ${lost}` };
  }
  return { id, label, ok, detail: `tried, refused with ${errno === 0 ? "no reason" : getSystemErrorName(-errno)}`, lost };
}

function prettyName(path: string): string {
  try {
    const value = /^PRETTY_NAME=(.*)$/m.exec(readFileSync(path, "utf8"))?.[1] ?? "";
    return value.replace(/^"|"$/g, "").slice(0, 255) || "Linux";
  } catch {
    return "Linux";
  }
}

/** The passport for a terminal, one fact a line. */
export function formatPassport(passport: Passport): string {
  const width = Math.max(...passport.facts.map((fact) => fact.label.length));
  const lines = passport.facts.flatMap((fact) => [
    `${fact.ok ? "yes" : "no "}  ${fact.label.padEnd(width)}  ${fact.detail}`,
    ...(fact.lost === undefined ? [] : [`${" ".repeat(width + 7)}lost: ${fact.lost}`]),
  ]);
  const { hostname: name, os, kernel, arch: machine, cpus: cores, agentVersion } = passport;
  return [`${name}: ${os}, Linux ${kernel} ${machine}, ${cores} CPUs, agent ${agentVersion}`, ...lines, ""].join("\n");
}
