import { z } from "zod";

/** Key of a host's label: like env or team.role, lower case, so that it needs no quotes in a query. */
export const labelKeySchema = z.string().regex(/^[a-z][a-z0-9_.-]{0,62}$/);
/** Its value: letters, digits and . _ / : @ + -, at most 63. */
export const labelValueSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/:@+-]{0,62}$/);
/** Labels of one host, at most 32. */
export const labelsSchema = z
  .record(labelKeySchema, labelValueSchema)
  .refine((labels) => Object.keys(labels).length <= 32, "at most 32 labels");
export type Labels = z.infer<typeof labelsSchema>;

/** Where a label comes from; the earlier one hides the later. */
export const labelSources = ["hand", "token", "agent"] as const;
export type LabelSource = (typeof labelSources)[number];

/** Which hosts: of every key one of the values. No key: all hosts. */
export const labelSelectorSchema = z
  .record(labelKeySchema, z.array(labelValueSchema).min(1).max(64))
  .refine((selector) => Object.keys(selector).length <= 16, "at most 16 keys");
export type LabelSelector = z.infer<typeof labelSelectorSchema>;
