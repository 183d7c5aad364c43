import { z } from "zod";
import { MAX_EXPRESSION_BYTES } from "../filters.ts";
import { labelSelectorSchema } from "../labels.ts";
import { u64 } from "../messages.ts";

/** Captured bytes of a packet without a reason: its headers. */
export const HEADER_SNAPLEN = 128;
export const MAX_CAPTURE_SECONDS = 3600;
export const MAX_CAPTURE_PACKETS = 10_000_000;
export const MAX_CAPTURE_BYTES = 2_000_000_000;

/** POST /captures. Throws into problem documents: FILTER_EXPRESSION with its place, FILTER_LIMIT, BAD_REQUEST. */
export const createCaptureRequestSchema = z
  .object({
    /** For lists; the expression unless said. */
    name: z.string().min(1).max(200).optional(),
    /** In tcpdump's language; empty matches everything. */
    expression: z.string().max(MAX_EXPRESSION_BYTES),
    /** Hosts by id, by label, or every one that is there now. */
    hosts: z.union([z.array(z.uuid()).min(1).max(10_000), z.object({ labels: labelSelectorSchema }), z.literal("all")]),
    snaplen: z.number().int().min(0).max(4096).default(HEADER_SNAPLEN),
    /** Why bytes beyond the headers are needed: shown on the capture and kept in the trail. */
    reason: z.string().trim().min(4).max(500).optional(),
    /** It ends by whichever comes first; packets and captured bytes are of all hosts together. */
    seconds: z.number().int().min(1).max(MAX_CAPTURE_SECONDS).default(60),
    maxPackets: z.number().int().min(1).max(MAX_CAPTURE_PACKETS).default(100_000),
    maxBytes: z.number().int().min(1).max(MAX_CAPTURE_BYTES).default(100_000_000),
  })
  .refine(({ snaplen, reason }) => snaplen <= HEADER_SNAPLEN || reason !== undefined, {
    path: ["reason"],
    message: `more than ${HEADER_SNAPLEN} bytes of a packet want a reason`,
  });
export type CreateCaptureRequest = z.input<typeof createCaptureRequestSchema>;

/** pending: not told yet, or no answer yet; offline: told when it connects; draining: ended, and what it took is still arriving. */
export const captureHostStateSchema = z.enum(["pending", "offline", "running", "draining", "ended", "refused"]);
export type CaptureHostState = z.infer<typeof captureHostStateSchema>;
export const captureEndSchema = z.enum(["time", "packets", "bytes", "stopped", "disk"]);
export type CaptureEnd = z.infer<typeof captureEndSchema>;

/** One host's part. */
export const captureHostSchema = z.object({
  hostId: z.uuid(),
  name: z.string(),
  state: captureHostStateSchema,
  /** Why it ended or was refused, in words; null while it runs. */
  reason: z.string().nullable(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  /** In the file, and captured bytes in them. */
  packets: u64,
  bytes: u64,
  /** What the capture's filter counted there in the kernel (SPEC 6.4). */
  matched: u64,
  sampledOut: u64,
  /** Taken and not in the file: lost in the ring, without a reader, in the agent's queue or in transit. */
  lost: u64,
  /** In force, which the host's own limit may hold below what was asked for; null before it began. */
  snaplen: z.number().int().nullable(),
  /** Largest N that packets were taken with; 1: every one. */
  sampleN: z.number().int(),
  /** Host clock minus the hub's, and how far that may be off. */
  clockOffsetNs: z.string().nullable(),
  clockErrorNs: z.string().nullable(),
});
export type CaptureHost = z.infer<typeof captureHostSchema>;

export const captureSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  expression: z.string(),
  snaplen: z.number().int(),
  reason: z.string().nullable(),
  seconds: z.number().int(),
  maxPackets: u64,
  maxBytes: u64,
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  /** Null while it runs. */
  endedAt: z.iso.datetime().nullable(),
  endReason: captureEndSchema.nullable(),
  /** Of all hosts. */
  packets: u64,
  bytes: u64,
  lost: u64,
  /** Hosts by what they are at. */
  states: z.partialRecord(captureHostStateSchema, z.number().int()),
});
export type Capture = z.infer<typeof captureSchema>;
export const captureListQuerySchema = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
/** GET /captures, newest first; POST /captures/{id}/stop answers with the detail. */
export const captureListSchema = z.object({ items: z.array(captureSchema), nextCursor: z.string().nullable() });
export type CaptureList = z.infer<typeof captureListSchema>;
/** GET /captures/{id}. */
export const captureDetailSchema = captureSchema.extend({ hosts: z.array(captureHostSchema) });
export type CaptureDetail = z.infer<typeof captureDetailSchema>;

/** GET /captures/{id}/file: pcapng; `follow` goes on until the capture has ended and all of it is in. */
export const captureFileQuerySchema = z.object({ follow: z.enum(["true", "false"]).default("false") });
