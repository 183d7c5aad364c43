import { z } from "zod";
import { engineSchema, statusSchema } from "../messages.ts";

/** GET /hosts/{id}/agent: what a connected agent said last of itself, and of what it has in the kernel; null: nothing since the hub started. */
export const hostAgentSchema = z.object({
  status: statusSchema.omit({ type: true }).extend({ at: z.iso.datetime() }).nullable(),
  engine: engineSchema.omit({ type: true }).extend({ at: z.iso.datetime() }).nullable(),
});
export type HostAgent = z.infer<typeof hostAgentSchema>;
