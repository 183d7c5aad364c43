import { z } from "zod";

/** Key of a host's label: like env or team.role, lower case, so that it needs no quotes in a query. */
export const labelKeySchema = z.string().regex(/^[a-z][a-z0-9_.-]{0,62}$/);
/** Its value: letters, digits and . _ / : @ + -, at most 63. */
export const labelValueSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/:@+-]{0,62}$/);
export const MAX_LABELS = 32;
/** Labels of one host, at most 32. */
export const labelsSchema = z
  .record(labelKeySchema, labelValueSchema)
  .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `at most ${MAX_LABELS} labels`);
export type Labels = z.infer<typeof labelsSchema>;

export type ParsedLabel =
  | { readonly ok: true; readonly key: string; readonly value: string }
  | { readonly ok: false; readonly reason: string };

/** Reads `key=value`, as a label file and the page have it; space around either is no part of it. The reason quotes nothing. */
export function parseLabel(text: string): ParsedLabel {
  const at = text.indexOf("=");
  if (at < 0) return { ok: false, reason: "a label is written key=value" };
  const key = labelKeySchema.safeParse(text.slice(0, at).trim());
  if (!key.success) {
    return { ok: false, reason: "the key must begin with a lower-case letter and hold only a-z, 0-9 and _ . -, at most 63 characters" };
  }
  const value = labelValueSchema.safeParse(text.slice(at + 1).trim());
  if (!value.success) {
    return {
      ok: false,
      reason: "the value must begin with a letter or digit and hold only these and . _ / : @ + -, at most 63 characters",
    };
  }
  return { ok: true, key: key.data, value: value.data };
}

/** Where a label comes from; the earlier one hides the later. */
export const labelSources = ["hand", "token", "agent"] as const;
export type LabelSource = (typeof labelSources)[number];

export const MAX_SELECTOR_KEYS = 16;
/** Which hosts: of every key one of the values. No key: all hosts. */
export const labelSelectorSchema = z
  .record(labelKeySchema, z.array(labelValueSchema).min(1).max(64))
  .refine((selector) => Object.keys(selector).length <= MAX_SELECTOR_KEYS, `at most ${MAX_SELECTOR_KEYS} keys`);
export type LabelSelector = z.infer<typeof labelSelectorSchema>;
