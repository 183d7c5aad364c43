import { constants } from "node:os";
import { BpfError, type BpfErrorCode } from "./types.ts";

const { errno } = constants;
const names = new Map<number, string>(Object.entries(errno).map(([name, value]) => [value, name]));

/** "EPERM", or "errno 524" for those libc has no name for. */
export function errnoName(value: number): string {
  return names.get(value) ?? `errno ${value}`;
}

/** Failure of a bpf() load: what the kernel or the verifier refused. `result` is -errno. */
export function loadError(what: string, result: number, verifierLog: string): BpfError {
  const code = -result;
  if (code === errno.EPERM || (code === errno.EACCES && verifierLog === "")) {
    return new BpfError(
      "NO_PRIVILEGE",
      `${what}: not permitted (${errnoName(code)}). Run as root or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN.`,
      code,
    );
  }
  if (code === errno.ENOENT) {
    return new BpfError("LOAD", `${what}: no such file. Build it with "make" in packages/bpf.`, code);
  }
  const hint = verifierLog === "" ? "" : "; the verifier's log is in verifierLog";
  return new BpfError("LOAD", `${what}: refused by the kernel (${errnoName(code)})${hint}.`, code, verifierLog);
}

/** Failure to attach to a device. `result` is -errno. */
export function attachError(ifindex: number, mode: string, result: number): BpfError {
  const code = -result;
  const [kind, words] = attachReason(code);
  return new BpfError(kind, `Attaching ${mode} to interface ${ifindex}: ${words} (${errnoName(code)}).`, code);
}

function attachReason(code: number): [BpfErrorCode, string] {
  switch (code) {
    case errno.ENODEV:
    case errno.ENXIO:
      return ["NO_INTERFACE", "there is no such interface in this network namespace; list the interfaces again"];
    case errno.EEXIST:
      return ["BUSY", "this engine is attached there already; detach first"];
    case errno.EBUSY:
      return ["BUSY", "another XDP program or an ingress qdisc has the place; see bpftool net and tc qdisc, or use another hook"];
    case errno.EAFNOSUPPORT:
      return ["UNSUPPORTED", "the device's link layer is neither Ethernet nor bare IP; leave it out"];
    case errno.EOPNOTSUPP:
      return ["UNSUPPORTED", "the driver or the kernel cannot do this here; native XDP is also refused at a large MTU"];
    case errno.EINVAL:
      return ["UNSUPPORTED", "the kernel does not know this kind of attachment; TCX needs Linux 6.6"];
    case errno.ENOENT:
      return ["UNSUPPORTED", "the kernel has no clsact qdisc, or its module is not loaded (modprobe sch_ingress cls_bpf)"];
    case errno.EPERM:
    case errno.EACCES:
      return ["NO_PRIVILEGE", "not permitted; run as root or with CAP_BPF and CAP_NET_ADMIN"];
    default:
      return ["ATTACH", "refused by the kernel"];
  }
}

/** Any other negative result of the addon. */
export function callError(what: string, result: number): BpfError {
  const code = -result;
  if (code === errno.EBADF) return new BpfError("CLOSED", `${what}: the engine is closed.`, code);
  if (code === errno.EALREADY || code === errno.EBUSY) return new BpfError("BUSY", `${what}: it runs already.`, code);
  if (code === errno.EINVAL || code === errno.E2BIG) return new BpfError("INVALID", `${what}: out of range.`, code);
  return new BpfError("LOAD", `${what}: failed (${errnoName(code)}).`, code);
}
