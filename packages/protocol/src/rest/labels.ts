import { z } from "zod";
import { labelKeySchema, labelSources, labelValueSchema, labelsSchema } from "../labels.ts";

/** A label as it holds for a host: of several sources of one key, hand hides token, token hides agent. */
export const hostLabelSchema = z.object({ key: labelKeySchema, value: labelValueSchema, source: z.enum(labelSources) });
export type HostLabel = z.infer<typeof hostLabelSchema>;

/** PUT /hosts/{id}/labels: what the host's labels set by hand are from now on; others show again where none hides them. */
export const setLabelsRequestSchema = z.object({ labels: labelsSchema });
/** GET and PUT /hosts/{id}/labels: what holds, in order of keys. */
export const hostLabelsSchema = z.object({ labels: z.array(hostLabelSchema) });
export type HostLabels = z.infer<typeof hostLabelsSchema>;
