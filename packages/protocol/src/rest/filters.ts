import { z } from "zod";
import { MAX_EXPRESSION_BYTES } from "../filters.ts";
import { labelSelectorSchema } from "../labels.ts";
import { u64 } from "../messages.ts";

/** POST /filters. An empty expression matches everything. */
export const createFilterRequestSchema = z.object({
  expression: z.string().max(MAX_EXPRESSION_BYTES),
  /** Records 1 in N of what matches. */
  sampleN: z.number().int().min(1).max(1_000_000).default(1),
  /** Captured bytes per record. */
  snaplen: z.number().int().min(0).max(4096).default(128),
  /** The hosts it is for; left out: all, also those that come later. */
  selector: labelSelectorSchema.nullable().default(null),
});
export type CreateFilterRequest = z.input<typeof createFilterRequestSchema>;

/** Classic BPF instructions; `raw` is null where the expression cannot match without an Ethernet header. */
const instructionsSchema = z.object({ ethernet: z.number().int(), raw: z.number().int().nullable() });
export type FilterInstructions = z.infer<typeof instructionsSchema>;

/** POST /filters/check, and its answer; position and length in UTF-16 units of the expression. */
export const checkFilterRequestSchema = createFilterRequestSchema.pick({ expression: true });
export const checkFilterResponseSchema = z.union([
  z.object({ ok: z.literal(true), instructions: instructionsSchema }),
  z.object({ ok: z.literal(false), message: z.string(), position: z.number().int(), length: z.number().int() }),
]);
export type CheckFilterResponse = z.infer<typeof checkFilterResponseSchema>;

/**
 * pending: asked, not answered yet; applied: in the host's kernel; refused: the set before it stays in force there;
 * no-answer: the agent was silent too long; offline: not connected, asked as soon as it is.
 */
export const filterStateSchema = z.enum(["pending", "applied", "refused", "no-answer", "offline"]);
export type FilterState = z.infer<typeof filterStateSchema>;

/** What one host made of the present set: all its filters are applied, or none. */
export const filterHostSchema = z.object({
  hostId: z.uuid(),
  name: z.string(),
  state: filterStateSchema,
  /** Why it refused: an error code, words, and the tail of the kernel verifier's log. */
  code: z.string().nullable(),
  reason: z.string().nullable(),
  log: z.string().nullable(),
  /** Measured cost of the whole set, and eBPF instructions of its largest program. */
  nsPerPacket: z.number().nullable(),
  instructions: z.number().int().nullable(),
  /** Number of the last set the host took. */
  held: z.number().int(),
  /** When it answered last. */
  at: z.iso.datetime().nullable(),
});
export type FilterHost = z.infer<typeof filterHostSchema>;

/** What became of the packets a filter took, on all hosts, since it was pushed (SPEC 6.4). */
const filterCountsSchema = z.object({ matched: u64, sampledOut: u64, lostRing: u64, noReader: u64, delivered: u64 });
export type FilterCounts = z.infer<typeof filterCountsSchema>;

export const filterSchema = z.object({
  id: z.uuid(),
  expression: z.string(),
  sampleN: z.number().int(),
  snaplen: z.number().int(),
  selector: labelSelectorSchema.nullable(),
  instructions: instructionsSchema,
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  counted: filterCountsSchema,
});
export type Filter = z.infer<typeof filterSchema>;

/** GET /filters: the present set, in the order of the bits of a record's masks, and what each host made of it. 0: none was ever pushed. */
export const filterListSchema = z.object({ set: z.number().int(), items: z.array(filterSchema), hosts: z.array(filterHostSchema) });
export type FilterList = z.infer<typeof filterListSchema>;

/** GET /filters/{id}, and the answer of POST /filters once every connected host has answered or been silent too long. */
export const filterDetailSchema = filterSchema.extend({ set: z.number().int(), hosts: z.array(filterHostSchema) });
export type FilterDetail = z.infer<typeof filterDetailSchema>;
