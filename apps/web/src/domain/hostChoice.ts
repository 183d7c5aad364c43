import type { LabelSelector } from "@sonde/protocol";
import { readSelector } from "./labels.ts";

type Named = { readonly id: string; readonly name: string; readonly labels: readonly { readonly key: string; readonly value: string }[] };

/** Hosts as the API takes them: every one, by label, or these. */
export type HostChoice = "all" | { readonly labels: LabelSelector } | readonly string[];
export type ReadChoice =
  | { readonly ok: true; readonly choice: HostChoice; readonly hosts: readonly Named[] }
  | { readonly ok: false; readonly message: string };

/**
 * Hosts as a person types them: nothing is all; `env=prod role=db` those with both labels, `env=a env=b` those with
 * either; `web-1 db-2` those of these names or ids; of both kinds, those with the labels and those of the names.
 */
export function readHostChoice(text: string, hosts: readonly Named[]): ReadChoice {
  const words = text.split(/[\s,]+/).filter(Boolean);
  if (words.length === 0) return { ok: true, choice: "all", hosts };
  const names = words.filter((word) => !word.includes("="));
  const unknown = names.find((name) => !hosts.some((host) => isCalled(host, name)));
  if (unknown !== undefined) return { ok: false, message: `${unknown}: no host of this name; a label is written key=value` };
  const read = readSelector(words.filter((word) => word.includes("=")).join(" "));
  if (!read.ok) return read;
  const labelled = Object.keys(read.selector).length === 0 ? [] : hosts.filter(hasLabels(read.selector));
  if (names.length === 0) return { ok: true, choice: { labels: read.selector }, hosts: labelled };
  const chosen = hosts.filter((host) => names.some((name) => isCalled(host, name)) || labelled.includes(host));
  return { ok: true, choice: chosen.map((host) => host.id), hosts: chosen };
}

const isCalled = (host: Named, name: string): boolean => host.name === name || host.id === name;

/** A host as one word of such a text: its name, or its id where the name is not known or would be read as something else. */
export function hostWord({ id, name }: { readonly id: string; readonly name: string | null }): string {
  return name === null || name === "" || name === "all" || /[\s,=]/.test(name) ? id : name;
}

/** Whether a text chooses hosts by labels alone. */
export const onlyLabels = (text: string): boolean => text.split(/[\s,]+/).every((word) => word === "" || word.includes("="));

/** Whether a host has, of every key of the selector, one of its values. */
export function hasLabels(selector: LabelSelector): (host: Pick<Named, "labels">) => boolean {
  return ({ labels }) =>
    Object.entries(selector).every(([key, values]) => labels.some((label) => label.key === key && values.includes(label.value)));
}
