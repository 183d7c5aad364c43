import { type AttachMode, BpfError, type EgressMode, type Engine, type NetInterface } from "@sonde/bpf";

/** `auto` is TCX, else clsact, else a packet socket. */
export const hookChoices = ["auto", "tcx", "clsact", "socket"] as const;
export type HookChoice = (typeof hookChoices)[number];

export const hooksOf = (choice: HookChoice): readonly EgressMode[] => (choice === "auto" ? ["tcx", "clsact", "socket"] : [choice]);

/** Those of which a device takes several: for who watches beside a running agent. */
export const SHARED_HOOKS: readonly EgressMode[] = ["tcx", "socket"];

/** What the operator chose. An empty `interfaces` is every interface, loopback included. */
export type Selection = {
  readonly interfaces: readonly string[];
  /** Interfaces to watch by XDP in their driver, and by XDP before the stack. */
  readonly xdp: readonly string[];
  readonly xdpGeneric: readonly string[];
  /** For both directions, and for the outgoing one beside XDP; best first. */
  readonly hooks: readonly EgressMode[];
};

/** One way to take both directions of an interface. */
export type Way = { readonly mode: AttachMode; readonly egress: EgressMode };
export type Attached = { readonly mode: AttachMode; readonly reason?: string };

const MAX_REASON = 500;

/** The names asked for that no interface has. */
export function unknownNames(selection: Selection, present: readonly NetInterface[]): string[] {
  const names = new Set(present.map((device) => device.name));
  return [...new Set(named(selection))].filter((name) => !names.has(name));
}

const named = ({ interfaces, xdp, xdpGeneric }: Selection): string[] => [...interfaces, ...xdp, ...xdpGeneric];

/** The ways to attach an interface, best first; none when it was not chosen. XDP that is refused falls back to TC. */
export function waysFor(selection: Selection, name: string): readonly Way[] {
  if (selection.interfaces.length > 0 && !named(selection).includes(name)) return [];
  const both = selection.hooks.map((mode): Way => ({ mode, egress: mode }));
  const xdp = selection.xdp.includes(name) ? "xdp-native" : selection.xdpGeneric.includes(name) ? "xdp-generic" : null;
  return xdp === null ? both : [...selection.hooks.map((egress): Way => ({ mode: xdp, egress })), ...both];
}

/**
 * Attaches by the first way that works. `reason` of the answer says why no better one did. Throws BpfError with
 * every way's reason when none did, at once when there is no such interface or no right to attach.
 */
export function attachBest(engine: Pick<Engine, "attach">, ifindex: number, ways: readonly Way[]): Attached {
  const refusals = new Set<string>();
  for (const { mode, egress } of ways) {
    try {
      engine.attach(ifindex, mode, egress);
      return refusals.size === 0 ? { mode } : { mode, reason: joined(refusals) };
    } catch (error) {
      if (!(error instanceof BpfError)) throw error;
      if (error.code === "NO_INTERFACE" || error.code === "NO_PRIVILEGE") throw error;
      refusals.add(error.message);
    }
  }
  throw new BpfError("ATTACH", joined(refusals));
}

const joined = (refusals: ReadonlySet<string>): string => [...refusals].join(" ").slice(0, MAX_REASON);
