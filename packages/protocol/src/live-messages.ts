import { z } from "zod";
import { labelSelectorSchema } from "./labels.ts";
import { uuid, u64, budgetSchema } from "./messages.ts";

/** How far a browser has a host's counters: the last batch it got, and the end of the last interval (SPEC 7.6). */
export const counterPositionSchema = z.object({ hostId: uuid, bootId: uuid, stream: u64, sequence: u64, lastNs: u64 });
export type CounterPosition = z.infer<typeof counterPositionSchema>;

/** What of its hosts a subscription gets. */
export const liveKinds = ["records", "counters", "flows"] as const;
const subscribeSchema = z.object({
  type: z.literal("subscribe"),
  /** Names the subscription on this connection; one of the same name is replaced. */
  id: z.string().min(1).max(64),
  hosts: z.union([z.array(uuid).min(1).max(64), z.object({ labels: labelSelectorSchema }), z.literal("all")]),
  /** In the filter language, for records and flow records. */
  filter: z.string().max(4096).default(""),
  maxPerSecond: z.number().int().min(1).max(5000).default(500),
  kinds: z.array(z.enum(liveKinds)).min(1).max(3),
  /** What it has of the counters already, from an earlier connection. */
  after: z.array(counterPositionSchema).max(64).default([]),
});
export type Subscribe = z.infer<typeof subscribeSchema>;

/** Browser → hub, event "message", acknowledged by `ackSchema`. */
export const viewerMessageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("watch"), hostId: uuid, after: counterPositionSchema.optional() }),
  z.object({ type: z.literal("unwatch"), hostId: uuid }),
  subscribeSchema,
  z.object({ type: z.literal("unsubscribe"), id: z.string().min(1).max(64) }),
  z.object({ type: z.literal("watch-fleet") }),
  z.object({ type: z.literal("unwatch-fleet") }),
]);
export type ViewerMessage = z.infer<typeof viewerMessageSchema>;

/** live: heard from within 5 s; stale: 5–60 s; lost: longer; refused: the hub turned it away; never: not yet connected. */
export const hostStatusSchema = z.enum(["live", "stale", "lost", "refused", "never"]);
export type HostStatus = z.infer<typeof hostStatusSchema>;

/** The honest ledger of one agent run (SPEC section 6). Counts are u64 decimal text. */
export const ledgerSchema = z.object({
  stream: u64,
  since: z.iso.datetime(),
  sampleN: z.number().int().positive(),
  snaplen: z.number().int().nonnegative(),
  seen: u64,
  unmatched: u64,
  sampledOut: u64,
  lostRing: u64,
  noReader: u64,
  delivered: u64,
  lostQueue: u64,
  stored: u64,
  refused: u64,
  /** Flow records, and the frames that they, and those in no flow, account for (SPEC 6.5). */
  flows: u64,
  flowFrames: u64,
  unflowed: u64,
  nonFlow: u64,
  /** Flow records dropped by the agent's queue, and those in batches that the hub refused. */
  lostFlows: u64,
  refusedFlows: u64,
});
export type Ledger = z.infer<typeof ledgerSchema>;

/** Rates over the last second: packets are wire packets, both directions, uplinks only for a host's total. */
export const hostRatesSchema = z.object({
  hostId: uuid,
  status: hostStatusSchema,
  packetsPerSecond: z.number(),
  bitsPerSecond: z.number(),
});
export type HostRates = z.infer<typeof hostRatesSchema>;

/** Rows of a subscription since it was last told: that came, that its filter let through, and that were sent. */
export const tallySchema = z.object({
  seen: z.number().int().nonnegative(),
  matched: z.number().int().nonnegative(),
  shown: z.number().int().nonnegative(),
});
export type Tally = z.infer<typeof tallySchema>;

/** Hub → browser, event "message". Batches come apart from it: "batch" (hostId, bytes), "rows" (id, hostId, bytes, tally). */
export const liveMessageSchema = z.discriminatedUnion("type", [
  /** Fleet state changed: invalidate the queries of these hosts ([] = the list). */
  z.object({ type: z.literal("hosts-changed"), hostIds: z.array(uuid) }),
  /** Filters, or what hosts made of them, changed. */
  z.object({ type: z.literal("filters-changed") }),
  /** A capture, or a host's part in it, changed; at most twice a second of each. */
  z.object({ type: z.literal("capture-changed"), id: uuid }),
  z.object({ type: z.literal("fleet"), hosts: z.array(hostRatesSchema) }),
  z.object({ type: z.literal("status"), hostId: uuid, status: hostStatusSchema, lastSeen: z.iso.datetime().nullable() }),
  z.object({ type: z.literal("ledger"), hostId: uuid, ledger: ledgerSchema }),
  /** Estimated offset of the host's wall clock (host − hub) and how to turn boot time into hub time, ns. */
  z.object({ type: z.literal("clock"), hostId: uuid, bootId: uuid, bootToWallNs: z.string(), offsetNs: z.string(), errorNs: z.string() }),
  /** What its agent records now; `budget` null where N is fixed. */
  z.object({
    type: z.literal("recording"),
    hostId: uuid,
    sampleN: z.number().int().positive(),
    snaplen: z.number().int().nonnegative(),
    budget: budgetSchema.nullable(),
  }),
  /** This browser is too slow: so much was left out for it since the last message. */
  z.object({ type: z.literal("skipped"), hostId: uuid, batches: z.number().int(), records: z.number().int() }),
  /** What a subscription was not shown since it was last told. */
  z.object({ type: z.literal("tally"), id: z.string(), ...tallySchema.shape }),
  /** On: this browser is too slow for rows, and gets only this, once a second. Off: rows come again. */
  z.object({ type: z.literal("coarse"), on: z.boolean(), hosts: z.array(hostRatesSchema) }),
  /** Counters of the store were sent up to here (SPEC 7.6); `id` null for a watched host. */
  z.object({ type: z.literal("position"), id: z.string().nullable(), ...counterPositionSchema.shape }),
]);
export type LiveMessage = z.infer<typeof liveMessageSchema>;
