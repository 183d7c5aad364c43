import { z } from "zod";

/** Filters a set may hold, and so bits of a record's masks. */
export const MAX_FILTERS = 64;
/** Classic BPF instructions of one program (BPF_MAXINSNS), and of all programs of one set together. */
export const MAX_FILTER_INSTRUCTIONS = 4096;
export const MAX_SET_INSTRUCTIONS = 65_536;
/** Longest expression in UTF-8 bytes; no text of so many UTF-16 units is shorter. */
export const MAX_EXPRESSION_BYTES = 8192;

const u8 = z.number().int().min(0).max(0xff);
const u32 = z.number().int().min(0).max(0xffff_ffff);

/** One classic BPF instruction: code, jt, jf, k (linux/filter.h: struct sock_filter). */
const instructionSchema = z.tuple([z.number().int().min(0).max(0xffff), u8, u8, u32]);
export const programSchema = z.array(instructionSchema).min(1).max(MAX_FILTER_INSTRUCTIONS);
export type FilterProgram = z.infer<typeof programSchema>;

const u64Text = z.string().regex(/^[0-9]{1,20}$/);

/** Packets are to be kept by the hub, until the first of these limits; the agent keeps to them by itself (SPEC 10). */
export const captureLimitsSchema = z.object({
  id: z.uuid(),
  /** CLOCK_BOOTTIME of the host it is sent to, ns, by the hub's estimate of its clock. */
  untilNs: u64Text,
  maxPackets: u64Text,
  /** Captured bytes. */
  maxBytes: u64Text,
});
export type CaptureLimits = z.infer<typeof captureLimitsSchema>;

const filterSchema = z.object({
  id: z.string().max(64),
  /** For logs and capture files; what the kernel runs is the programs. */
  expression: z.string().max(MAX_EXPRESSION_BYTES),
  /** The program for frames with an Ethernet header, and for packets that begin at IP. */
  ethernet: programSchema,
  raw: programSchema,
  sampleN: z.number().int().min(1).max(1_000_000),
  snaplen: z.number().int().min(0).max(4096),
  capture: captureLimitsSchema.optional(),
});

/** Hub → agent: replaces all filters at once. An empty set with a number matches everything, as the built-in set 0 (SPEC 8). */
export const filtersSchema = z.object({
  type: z.literal("filters"),
  number: u32.min(1),
  filters: z
    .array(filterSchema)
    .max(MAX_FILTERS)
    .refine((filters) => filters.reduce((sum, one) => sum + one.ethernet.length + one.raw.length, 0) <= MAX_SET_INSTRUCTIONS, {
      message: `more than ${MAX_SET_INSTRUCTIONS} instructions in one set`,
    }),
});
export type FiltersMessage = z.infer<typeof filtersSchema>;

/** What the kernel holds now. */
export const filterReportSchema = z.object({
  number: u32,
  /** Per place the filters run: eBPF instructions as loaded, and as the verifier walked them. */
  contexts: z.array(z.object({ context: z.string().max(64), instructions: u32, verified: u32 })).max(16),
  /** What a packet costs with the set, the whole engine but for the record: by test run on this host, null where it offers none. */
  nsPerPacket: z.number().nonnegative().nullable(),
});
export type FilterReport = z.infer<typeof filterReportSchema>;

/** Acknowledges `filters`. Refused: the set before it stays in force. `log` is the tail of the kernel verifier's. */
export const filtersAckSchema = z.union([
  z.object({ ok: z.literal(true), report: filterReportSchema }),
  z.object({ ok: z.literal(false), code: z.string().max(64), detail: z.string().max(500), log: z.string().max(4000).optional() }),
]);
export type FiltersAck = z.infer<typeof filtersAckSchema>;
