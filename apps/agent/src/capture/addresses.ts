import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import type { NetInterface } from "@sonde/bpf";

/** The cap of the interfaces message. */
const MAX_ADDRESSES = 64;

/** A network device with its own addresses as text, without prefix length or zone. */
export type Device = NetInterface & { readonly addresses: readonly string[] };

type Found = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Adds to each device the addresses it has; getifaddrs(3) names those of a labelled IPv4 address `eth0:1`. */
export function withAddresses(devices: readonly NetInterface[], found: Found = networkInterfaces()): readonly Device[] {
  const byName = new Map<string, Set<string>>();
  for (const [label, infos] of Object.entries(found)) {
    const name = label.replace(/:.*$/, "");
    const addresses = byName.get(name) ?? new Set();
    for (const { address } of infos ?? []) addresses.add(address);
    byName.set(name, addresses);
  }
  return devices.map((device) => ({ ...device, addresses: [...(byName.get(device.name) ?? [])].slice(0, MAX_ADDRESSES) }));
}
