import { z } from "zod";

/** What is kept by time: records, counters by the second, and their sums. */
export const storedTableSchema = z.enum([
  "interface_counters",
  "flow_records",
  "filter_counters",
  "packet_records",
  "interface_counters_10s",
  "interface_counters_1m",
  "interface_counters_1h",
  "filter_counters_10s",
  "filter_counters_1m",
  "filter_counters_1h",
  "flow_counters_1m",
  "flow_counters_10m",
  "flow_counters_1h",
]);
export type StoredTableName = z.infer<typeof storedTableSchema>;

const MAX_HOURS = 10 * 365 * 24;
/** How long rows are kept, and how many gigabytes (10⁹ bytes, with indexes) at most; null: however many. */
export const limitsSchema = z.object({
  keepHours: z.number().int().min(1).max(MAX_HOURS),
  maxGigabytes: z.number().min(0.1).max(1_000_000).nullable(),
});
export type StorageLimits = z.infer<typeof limitsSchema>;

/** Days that a capture is kept after its end. */
export const captureDaysSchema = z.number().int().min(1).max(3650);

/** PUT /settings/retention: limits of the tables named; what is not named stays. Answers as GET /settings/storage. */
export const retentionRequestSchema = z
  .object({
    limits: z.partialRecord(storedTableSchema, limitsSchema).optional(),
    /** Whether records of packets are stored too, without their bytes. */
    keepPackets: z.boolean().optional(),
    captureDays: captureDaysSchema.optional(),
  })
  .strict();
export type RetentionRequest = z.infer<typeof retentionRequestSchema>;

const bytes = z.number().int().min(0);

export const tableStorageSchema = z.object({
  table: storedTableSchema,
  /** With indexes. */
  bytes,
  /** As the database estimates. */
  rows: z.number().int().min(0),
  partitions: z.number().int(),
  /** Start of the oldest partition that holds rows. */
  oldest: z.iso.datetime().nullable(),
  /** Of the last day's worth of whole partitions; null before the first is whole. */
  bytesPerDay: bytes.nullable(),
  limits: limitsSchema,
  /** Until the size limit takes the oldest rows before their time; 0: it does; null: it never will at this pace, or that is not known. */
  daysLeft: z.number().min(0).nullable(),
});
export type TableStorage = z.infer<typeof tableStorageSchema>;

/** GET /settings/storage */
export const storageReportSchema = z.object({
  at: z.iso.datetime(),
  tables: z.array(tableStorageSchema),
  /** All of the database, with what is not listed. */
  databaseBytes: bytes,
  bytesPerDay: bytes.nullable(),
  /** The file system that the database lies on, where this hub can see it. */
  disk: z.discriminatedUnion("state", [
    z.object({
      state: z.literal("known"),
      totalBytes: bytes,
      freeBytes: bytes,
      /** Until a tenth is left, at this pace and with what the limits take; null: never, or not known. */
      daysLeft: z.number().min(0).nullable(),
    }),
    z.object({ state: z.literal("unknown"), reason: z.string() }),
  ]),
  /** Below a tenth of free disk the oldest is dropped before its time. */
  lowDisk: z.object({
    active: z.boolean(),
    /** The last time something had to go, and what went since it began. */
    last: z.object({ at: z.iso.datetime(), since: z.iso.datetime(), partitions: z.number().int(), bytes }).nullable(),
  }),
  keepPackets: z.boolean(),
  /** Captured packets, with their bytes, and what is known of them. */
  captures: z.object({ count: z.number().int(), bytes, keepDays: captureDaysSchema }),
});
export type StorageReport = z.infer<typeof storageReportSchema>;
