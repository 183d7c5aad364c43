import { accessSync, constants, readFileSync } from "node:fs";
import { release } from "node:os";
import { BTF_PATH } from "./open-native.ts";
import { native } from "./load.ts";
import type { KernelFacts, Tried } from "./types.ts";

// include/uapi/linux/capability.h
const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;
const CAP_PERFMON = 38n;
const CAP_BPF = 39n;

/**
 * Tries what the engine needs, one kernel feature each, and leaves nothing behind. The hooks are tried with
 * programs that do nothing on a veth pair in a network namespace of its own.
 */
export function probeKernel(): KernelFacts {
  const addon = native();
  const hooks = addon.probeHooks();
  return {
    release: release(),
    btf: readable(BTF_PATH),
    ringbuf: tried(addon.probeRingbuf()),
    tcx: tried(hooks.tcx),
    clsact: tried(hooks.clsact),
    xdp: tried(addon.probeXdp()),
    xdpNative: tried(hooks.xdpNative),
    xdpGeneric: tried(hooks.xdpGeneric),
    socket: tried(hooks.socket),
    capabilities: effectiveCapabilities(),
  };
}

function tried(result: number): Tried {
  return { ok: result === 0, errno: -result || 0 };
}

function readable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** CapEff of proc_pid_status(5). */
function effectiveCapabilities(): KernelFacts["capabilities"] {
  const line = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"));
  const mask = BigInt(`0x${line?.[1] ?? "0"}`);
  const has = (bit: bigint): boolean => ((mask >> bit) & 1n) === 1n;
  return { bpf: has(CAP_BPF), netAdmin: has(CAP_NET_ADMIN), perfmon: has(CAP_PERFMON), sysAdmin: has(CAP_SYS_ADMIN) };
}
