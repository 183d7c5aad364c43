import { z } from "zod";
import { protoClasses, tcpFlagNames } from "../layout.ts";
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

/** GET /hosts/{id}/totals: what each interface and direction counted in the last so many seconds. */
export const totalsQuerySchema = z.object({ seconds: z.coerce.number().int().min(60).max(2_592_000).default(3600) });
export const sideTotalsSchema = z.object({
  interface: z.number().int(),
  side: z.enum(["rx", "tx"]),
  /** Only classes that counted something are present; what was dropped is part of them. */
  classes: z.partialRecord(z.enum(protoClasses), countsSchema),
  dropped: z.partialRecord(z.enum(protoClasses), countsSchema),
  /** Frames whose headers make no sense. */
  malformed: u64,
  /** Segments with a TCP flag set, by the flag's name. */
  tcpFlags: z.record(z.enum(tcpFlagNames), u64),
  /** Frames by least length: the class of a frame is the last whose `least` it reaches. */
  sizes: z.array(z.object({ least: z.number().int(), frames: u64 })),
});
export type SideTotals = z.infer<typeof sideTotalsSchema>;
export const hostTotalsSchema = z.object({ from: z.iso.datetime(), to: z.iso.datetime(), items: z.array(sideTotalsSchema) });
export type HostTotals = z.infer<typeof hostTotalsSchema>;
