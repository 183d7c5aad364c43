import type { AgentInterface } from "./messages.ts";

/** Names that the kernel, container engines and VPNs give to devices which only pass an uplink's packets on. */
const PASSING_ON = /^(veth|br-|docker|virbr|vnet|tap|cni|cali|flannel|cilium|lxc|lxd|wg|tun|ifb|bridge|podman)/;

/**
 * Which interfaces a host's totals sum: a packet crosses veth, bridge and uplink and must count once. The wire does
 * not say what is an uplink, so it is read from the name; a host that has nothing else (a container) counts all but loopback.
 */
export function uplinksOf(interfaces: readonly Pick<AgentInterface, "ifindex" | "kind" | "name">[]): Set<number> {
  const outside = interfaces.filter((one) => one.kind !== "loopback");
  const physical = outside.filter((one) => one.kind === "ethernet" && !PASSING_ON.test(one.name));
  return new Set((physical.length > 0 ? physical : outside).map((one) => one.ifindex));
}
