import type { LabelSelector, Labels } from "@sonde/protocol";
import { EVERYTHING } from "./sets.ts";

/** A filter that is to run: on the hosts that a selector takes (null: all), or on those of a capture. */
export type ActiveFilter = { readonly id: string; readonly selector: LabelSelector | null; readonly captured: ReadonlySet<string> | null };
/** A host, the labels that hold for it, and the set it is to hold so far. */
export type AssignedHost = { readonly id: string; readonly set: number; readonly labels: Labels };
/** Hosts that are to hold other filters than so far: those of a set that is there already, or (`number` null) of one to be made. */
export type SetChange = { readonly number: number | null; readonly filterIds: readonly string[]; readonly hostIds: readonly string[] };

/**
 * What must change for every host to be told the filters meant for it, `active` in the order of their bits. `sets` are
 * the sets that hosts hold. A host's numbers only grow: it joins a set of the same filters only where that is newer.
 */
export function planSets(
  hosts: readonly AssignedHost[],
  active: readonly ActiveFilter[],
  sets: ReadonlyMap<number, readonly string[]>,
): SetChange[] {
  const newest = new Map<string, number>();
  for (const [number, ids] of sets) newest.set(keyOf(ids), Math.max(number, newest.get(keyOf(ids)) ?? 0));
  const changes = new Map<string, { number: number | null; filterIds: readonly string[]; hostIds: string[] }>();
  for (const host of hosts) {
    const filterIds = desired(host, active);
    const key = keyOf(filterIds);
    if (key === keyOf(sets.get(host.set) ?? [])) continue;
    const there = newest.get(key) ?? 0;
    const number = there > host.set ? there : null;
    const change = changes.get(`${number}/${key}`) ?? { number, filterIds, hostIds: [] };
    change.hostIds.push(host.id);
    changes.set(`${number}/${key}`, change);
  }
  return [...changes.values()];
}

function desired(host: AssignedHost, active: readonly ActiveFilter[]): string[] {
  const pushed = active.filter((one) => one.captured === null && selects(one.selector, host.labels)).map((one) => one.id);
  const captures = active.filter((one) => one.captured?.has(host.id)).map((one) => one.id);
  if (captures.length === 0) return pushed;
  return [...(pushed.length === 0 ? [EVERYTHING.id] : pushed), ...captures];
}

function selects(selector: LabelSelector | null, labels: Labels): boolean {
  return selector === null || Object.entries(selector).every(([key, values]) => values.includes(labels[key] ?? ""));
}

function keyOf(ids: readonly string[]): string {
  return ids.join();
}
