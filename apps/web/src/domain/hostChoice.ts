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
 * either; `web-1 db-2` those of these names; of both kinds, those with the labels and those of the names.
 */
export function readHostChoice(text: string, hosts: readonly Named[]): ReadChoice {
  const words = text.split(/[\s,]+/).filter(Boolean);
  if (words.length === 0) return { ok: true, choice: "all", hosts };
  const names = words.filter((word) => !word.includes("="));
  const unknown = names.find((name) => !hosts.some((host) => host.name === name));
  if (unknown !== undefined) return { ok: false, message: `${unknown}: no host of this name; a label is written key=value` };
  const read = readSelector(words.filter((word) => word.includes("=")).join(" "));
  if (!read.ok) return read;
  const labelled = Object.keys(read.selector).length === 0 ? [] : hosts.filter(hasLabels(read.selector));
  if (names.length === 0) return { ok: true, choice: { labels: read.selector }, hosts: labelled };
  const chosen = hosts.filter((host) => names.includes(host.name) || labelled.includes(host));
  return { ok: true, choice: chosen.map((host) => host.id), hosts: chosen };
}

/** Whether a host has, of every key of the selector, one of its values. */
export function hasLabels(selector: LabelSelector): (host: Pick<Named, "labels">) => boolean {
  return ({ labels }) =>
    Object.entries(selector).every(([key, values]) => labels.some((label) => label.key === key && values.includes(label.value)));
}
