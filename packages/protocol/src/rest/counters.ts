import { z } from "zod";
import { protoClasses } from "../layout.ts";
import { u64 } from "../messages.ts";

/** GET /hosts/{id}/counters?from&to&interface&direction: one point per second and interface with traffic. */
export const countersQuerySchema = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  interface: z.coerce.number().int().optional(),
});
const countsSchema = z.object({ frames: u64, packets: u64, bytes: u64 });
export const counterPointSchema = z.object({
  at: z.iso.datetime(),
  interface: z.number().int(),
  /** Only classes that counted something are present. */
  rx: z.partialRecord(z.enum(protoClasses), countsSchema),
  tx: z.partialRecord(z.enum(protoClasses), countsSchema),
});
export type CounterPoint = z.infer<typeof counterPointSchema>;
export const countersResponseSchema = z.object({ items: z.array(counterPointSchema), truncated: z.boolean() });
export type CountersResponse = z.infer<typeof countersResponseSchema>;
