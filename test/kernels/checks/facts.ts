import { statSync } from "node:fs";
import { getSystemErrorName } from "node:util";
import { probeKernel, type KernelFacts, type Tried } from "../../../packages/bpf/src/index.ts";
import { type Check, type Outcome, absent, failed, passed } from "../outcome.ts";
import { cameLater } from "../since.ts";

const words: Partial<Record<keyof KernelFacts, string>> = {
  ringbuf: "ring buffer",
  tcx: "TCX",
  xdp: "XDP",
  xdpNative: "XDP native on veth",
  xdpGeneric: "XDP generic",
  socket: "packet socket",
};

/** What the agent's own probe finds: BTF, and each kernel feature that it tries. */
export const facts: Check = {
  name: "kernel facts",
  *run() {
    const found = probeKernel();
    yield found.btf ? passed("BTF", `${Math.round(statSync("/sys/kernel/btf/vmlinux").size / 1024)} KiB`) : failed("BTF", "no vmlinux BTF");
    for (const [name, value] of Object.entries(found)) {
      if (isTried(value)) yield tell(name as keyof KernelFacts, value);
    }
  },
};

function isTried(value: KernelFacts[keyof KernelFacts]): value is Tried {
  return typeof value === "object" && "ok" in value;
}

function tell(name: keyof KernelFacts, { ok, errno }: Tried): Outcome {
  const feature = words[name] ?? name;
  if (ok) return passed(feature, "tried");
  const reason = errno === 0 ? "refused" : getSystemErrorName(-errno);
  const later = cameLater(name);
  return later === undefined ? failed(feature, reason) : absent(feature, later);
}
