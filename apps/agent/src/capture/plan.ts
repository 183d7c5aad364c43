import type { AttachMode, NetInterface } from "@sonde/bpf";

/** What the operator chose. An empty `interfaces` is every interface that is up, loopback included. */
export type Selection = { readonly interfaces: readonly string[]; readonly xdp: readonly string[] };

/** The names asked for that no interface has. */
export function unknownNames(selection: Selection, present: readonly NetInterface[]): string[] {
  const names = new Set(present.map((device) => device.name));
  return [...new Set([...selection.interfaces, ...selection.xdp])].filter((name) => !names.has(name));
}

/** How an interface is to be attached, or null when it was not chosen or is down. */
export function wantedMode(selection: Selection, device: NetInterface): AttachMode | null {
  const xdp = selection.xdp.includes(device.name);
  const chosen = selection.interfaces.length === 0 || xdp || selection.interfaces.includes(device.name);
  if (!chosen || !device.up) return null;
  return xdp ? "xdp-native" : "tcx";
}
