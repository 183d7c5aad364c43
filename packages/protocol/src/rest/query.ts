import { z } from "zod";
import { ledgerSchema } from "../live-messages.ts";
import { u64 } from "../messages.ts";
import { labelKeySchema, labelValueSchema } from "../labels.ts";
import { counterPointSchema } from "./counters.ts";

/** Longest text of a filter, in UTF-16 units. */
const MAX_FILTER = 4096;
const time = z.iso.datetime({ offset: true });

/** What every query of flows takes: the filter language, and [from, to). Without `to`: until now; without `from`: one hour before it. */
const rangeQuery = z.object({ filter: z.string().max(MAX_FILTER).default(""), from: time.optional(), to: time.optional() });

/** Fields of the filter language to group by, parted by commas; `peer` is the address at the far end of the host. */
const byList = z
  .string()
  .max(300)
  .transform((text) => text.split(",").map((field) => field.trim()))
  .pipe(z.array(z.string().min(1)).min(1).max(3));
export const measureSchema = z.enum(["bytes", "packets", "flows"]);
export type Measure = z.infer<typeof measureSchema>;
const sumsSchema = z.object({ flows: u64, packets: u64, bytes: u64 });
export type Sums = z.infer<typeof sumsSchema>;
/** Values of the fields grouped by, in their order; null where a record has none. */
const keySchema = z.array(z.string().nullable());

/** GET /flows: newest first. */
export const flowsQuerySchema = rangeQuery.extend({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(200).optional(),
});

/** A flow record. Times of its first and last packet are hub time; `at` is when the agent wrote it. */
export const flowSchema = z.object({
  at: time,
  first: time,
  last: time,
  /** Null once the host or interface is no longer known. */
  hostId: z.uuid().nullable(),
  host: z.string().nullable(),
  interface: z.string().nullable(),
  direction: z.enum(["in", "out"]),
  verdict: z.string(),
  protocol: z.number().int(),
  sourceAddress: z.string(),
  sourcePort: z.number().int(),
  destinationAddress: z.string(),
  destinationPort: z.number().int(),
  tcpFlags: z.number().int(),
  vlan: z.number().int().nullable(),
  vlanInner: z.number().int().nullable(),
  tunnel: z.string().nullable(),
  tunnelId: z.number().int().nullable(),
  endReason: z.string(),
  frames: u64,
  packets: u64,
  bytes: u64,
});
export type Flow = z.infer<typeof flowSchema>;

/** `stopped`: the page is not full because the search took too long; how far back it got. nextCursor goes on from there. */
export const flowListSchema = z.object({
  items: z.array(flowSchema),
  nextCursor: z.string().nullable(),
  stopped: z.object({ reached: time, message: z.string() }).nullable(),
});
export type FlowList = z.infer<typeof flowListSchema>;

/** GET /flows/top: the largest groups. */
export const flowTopQuerySchema = rangeQuery.extend({
  by: byList,
  measure: measureSchema.default("bytes"),
  n: z.coerce.number().int().min(1).max(1000).default(20),
});
export const flowTopSchema = z.object({
  from: time,
  to: time,
  by: z.array(z.string()),
  measure: measureSchema,
  items: z.array(sumsSchema.extend({ key: keySchema })),
  /** How many groups there are. */
  groups: z.number().int(),
  /** Of all groups; a field of either end counts each flow for both. */
  total: sumsSchema,
});
export type FlowTop = z.infer<typeof flowTopSchema>;

/** GET /flows/histogram: sums per bucket of time, in total or for the largest groups and all others together. */
export const flowHistogramQuerySchema = rangeQuery.extend({
  /** Seconds; without it about 120 buckets. */
  step: z.coerce.number().int().min(1).max(86_400).optional(),
  by: byList.optional(),
  measure: measureSchema.default("bytes"),
  n: z.coerce.number().int().min(1).max(50).default(10),
});
const bucketsOf = z.array(u64.nullable());
export const flowHistogramSchema = z.object({
  /** Widened to whole buckets. */
  from: time,
  to: time,
  /** Seconds. */
  step: z.number().int(),
  by: z.array(z.string()),
  series: z.array(
    z.object({
      /** Null: all groups that are not named. */
      key: keySchema.nullable(),
      /** One value a bucket; null where the hub no longer keeps, or does not yet have, what happened then. */
      flows: bucketsOf,
      packets: bucketsOf,
      bytes: bucketsOf,
    }),
  ),
});
export type FlowHistogram = z.infer<typeof flowHistogramSchema>;

/** GET /flows/compare: what is in [from, to) and not in the window before, and the other way round. Without it: the same length just before. */
export const flowCompareQuerySchema = rangeQuery.extend({
  beforeFrom: time.optional(),
  beforeTo: time.optional(),
  by: byList,
  measure: measureSchema.default("bytes"),
  n: z.coerce.number().int().min(1).max(1000).default(100),
  /** A group has changed when its rate is this many times more or less. */
  factor: z.coerce.number().min(1).max(1e6).default(2),
});
const changeSchema = z.enum(["new", "gone", "changed"]);
export const flowCompareSchema = z.object({
  from: time,
  to: time,
  beforeFrom: time,
  beforeTo: time,
  by: z.array(z.string()),
  measure: measureSchema,
  /** Largest difference first. */
  items: z.array(
    z.object({
      key: keySchema,
      change: changeSchema,
      before: u64,
      now: u64,
      /** Rate now over rate before; null for what is new. */
      ratio: z.number().nullable(),
    }),
  ),
  /** How many groups there are of each; `items` may not name all. */
  counts: z.object({ new: z.number().int(), gone: z.number().int(), changed: z.number().int(), same: z.number().int() }),
});
export type FlowCompare = z.infer<typeof flowCompareSchema>;

/** GET /flows/export: the same records, and what else takes `format`. */
export const exportFormatSchema = z.enum(["ndjson", "csv"]);
export type ExportFormat = z.infer<typeof exportFormatSchema>;
export const flowExportQuerySchema = rangeQuery.extend({ format: exportFormatSchema.default("ndjson") });
export const flowTopExportQuerySchema = flowTopQuerySchema.extend({ format: exportFormatSchema.optional() });
export const flowHistogramExportQuerySchema = flowHistogramQuerySchema.extend({ format: exportFormatSchema.optional() });

/** Which hosts a series or ledger is of: those named, and of them those with all these labels, `key=value` parted by commas. Neither: all. */
const hostsQuery = z.object({
  host: z
    .string()
    .max(64 * 37)
    .transform((text) => text.split(","))
    .pipe(z.array(z.uuid()).min(1).max(64))
    .optional(),
  label: z
    .string()
    .max(2000)
    .transform((text) => text.split(",").map((pair) => pair.split("=")))
    .pipe(
      z
        .array(z.tuple([labelKeySchema, labelValueSchema]))
        .min(1)
        .max(16),
    )
    .optional(),
});

/** GET /series/interfaces and /series/filters: sums per step, from the coarsest level that has it. */
export const seriesQuerySchema = hostsQuery.extend({
  from: time,
  to: time,
  /** Seconds. */
  step: z.coerce.number().int().min(1).max(86_400).default(60),
  interface: z.coerce.number().int().optional(),
});
/** Points at the start of their step, oldest first; `truncated`: there are more than 20,000. */
export const interfaceSeriesSchema = z.object({
  step: z.number().int(),
  items: z.array(counterPointSchema.extend({ hostId: z.uuid() })),
  truncated: z.boolean(),
});
export type InterfaceSeries = z.infer<typeof interfaceSeriesSchema>;
export const filterSeriesSchema = z.object({
  step: z.number().int(),
  items: z.array(
    z.object({
      at: time,
      hostId: z.uuid(),
      filterSet: z.number().int(),
      bit: z.number().int(),
      matched: u64,
      sampledOut: u64,
      lostRing: u64,
      noReader: u64,
      delivered: u64,
    }),
  ),
  truncated: z.boolean(),
});
export type FilterSeries = z.infer<typeof filterSeriesSchema>;

/** GET /ledger: every packet's class (SPEC 6), of each host and of all of them. */
export const ledgerQuerySchema = hostsQuery;
const signed = z.string().regex(/^-?[0-9]{1,20}$/);
const ledgerSumsSchema = ledgerSchema.omit({ stream: true, since: true, sampleN: true, snaplen: true }).extend({
  /** Delivered, but in no class yet: on the way, or lost with an agent that was killed (SPEC 6.3). */
  inFlight: signed,
  /** Seen, but in no class: 0 unless something is wrong (SPEC 6.1). */
  unexplained: signed,
  /** Frames in flows that have not ended, or lost with an agent that was killed (SPEC 6.5). */
  heldFrames: signed,
});
export type LedgerSums = z.infer<typeof ledgerSumsSchema>;
export const fleetLedgerSchema = z.object({
  fleet: ledgerSumsSchema,
  /** At most 5,000, by name. */
  hosts: z.array(ledgerSumsSchema.extend({ hostId: z.uuid(), name: z.string(), streams: z.number().int() })),
  truncated: z.boolean(),
});
export type FleetLedger = z.infer<typeof fleetLedgerSchema>;
