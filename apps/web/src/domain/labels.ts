import { MAX_LABELS, MAX_SELECTOR_KEYS, parseLabel } from "@sonde/protocol";
import type { LabelSource } from "@sonde/protocol";

export type ReadLabels =
  | { readonly ok: true; readonly labels: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly message: string };

/** Labels as a person types them: `env=prod role=db`, with space or commas between. */
export function readLabels(text: string): ReadLabels {
  const labels = new Map<string, string>();
  for (const word of text.split(/[\s,]+/).filter(Boolean)) {
    const label = parseLabel(word);
    if (!label.ok) return { ok: false, message: `${word}: ${label.reason}` };
    if (labels.has(label.key)) return { ok: false, message: `${label.key} has two values; a host has one of each key` };
    labels.set(label.key, label.value);
  }
  if (labels.size > MAX_LABELS) return { ok: false, message: `A host has at most ${MAX_LABELS} labels` };
  return { ok: true, labels: Object.fromEntries(labels) };
}

export type ReadSelector =
  | { readonly ok: true; readonly selector: Readonly<Record<string, string[]>> }
  | { readonly ok: false; readonly message: string };

/** Which hosts, as a person types it: `env=prod env=test role=db` is those of either env that are also role=db. */
export function readSelector(text: string): ReadSelector {
  const selector = new Map<string, string[]>();
  for (const word of text.split(/[\s,]+/).filter(Boolean)) {
    const label = parseLabel(word);
    if (!label.ok) return { ok: false, message: `${word}: ${label.reason}` };
    selector.set(label.key, [...new Set([...(selector.get(label.key) ?? []), label.value])]);
  }
  if (selector.size > MAX_SELECTOR_KEYS) return { ok: false, message: `At most ${MAX_SELECTOR_KEYS} different keys` };
  return { ok: true, selector: Object.fromEntries(selector) };
}

/** The same as text; all hosts is "". */
export function selectorText(selector: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(selector)
    .flatMap(([key, values]) => values.map((value) => labelText({ key, value })))
    .join(" ");
}

export const labelText = (label: { readonly key: string; readonly value: string }): string => `${label.key}=${label.value}`;

const sources: Record<LabelSource, { readonly label: string; readonly meaning: string }> = {
  hand: { label: "by hand", meaning: "Set on this page or by the API; it hides a label of the same key from the token or the agent." },
  token: { label: "enrolment token", meaning: "Chosen when the host's enrolment token was made; the host cannot change it." },
  agent: { label: "agent's file", meaning: "From the label file on the host, /etc/sonde/labels unless its agent was told another." },
};

type Sourced = { readonly key: string; readonly value: string; readonly source: LabelSource };

/** The labels that were set by hand. */
export function handLabels(labels: readonly Sourced[]): Record<string, string> {
  return Object.fromEntries(labels.filter(({ source }) => source === "hand").map(({ key, value }) => [key, value]));
}

/** Where a label comes from, in words. */
export const labelSource = (source: LabelSource): { readonly label: string; readonly meaning: string } => sources[source];
