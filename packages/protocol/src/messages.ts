import { z } from "zod";
import { filtersSchema } from "./filters.ts";
import { labelSelectorSchema, labelsSchema } from "./labels.ts";
import type { BatchKindName } from "./layout.ts";

/** Version of the socket messages and of the handshake; raised when either side must change together. */
export const PROTOCOL_VERSION = 2;

export const AGENT_PATH = "/io/agent";
export const AGENT_NAMESPACE = "/agent";
export const LIVE_PATH = "/io/live";
export const LIVE_NAMESPACE = "/live";

const uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
/** A u64 as decimal text: JSON numbers stop being exact at 2^53. */
export const u64 = z.string().regex(/^[0-9]{1,20}$/);
const short = z.string().max(255);

/** Capability facts of a host; `ok: false` rows say in `lost` what a user goes without. */
export const passportSchema = z.object({
  hostname: short,
  kernel: short,
  arch: short,
  os: short,
  agentVersion: short,
  cpus: z.number().int().nonnegative(),
  facts: z
    .array(
      z.object({
        id: z.string().max(64),
        label: z.string().max(120),
        ok: z.boolean(),
        detail: z.string().max(500),
        lost: z.string().max(500).optional(),
      }),
    )
    .max(64),
});
export type Passport = z.infer<typeof passportSchema>;

/** Socket.IO `auth` of the agent namespace (SPEC 3.1). */
export const agentAuthSchema = z.object({
  protocol: z.number().int(),
  hostId: uuid,
  credential: z.string().min(20).max(200),
  agentVersion: short,
});
export type AgentAuth = z.infer<typeof agentAuthSchema>;

export const interfaceSchema = z.object({
  ifindex: z.number().int().positive(),
  name: z.string().min(1).max(64),
  kind: z.enum(["ethernet", "loopback", "l3", "other"]),
  mac: z.string().max(32).nullable(),
  mtu: z.number().int().nonnegative(),
  up: z.boolean(),
  hook: z.enum(["tcx", "clsact", "xdp-native", "xdp-generic", "socket", "none"]),
  /** Why nothing is attached, or nothing better. */
  reason: z.string().max(500).optional(),
  /** Its own addresses, without prefix length. */
  addresses: z
    .array(z.union([z.ipv4(), z.ipv6()]))
    .max(64)
    .optional(),
});
export type AgentInterface = z.infer<typeof interfaceSchema>;

const helloSchema = z.object({
  type: z.literal("hello"),
  bootId: uuid,
  stream: u64,
  passport: passportSchema,
  /** CLOCK_BOOTTIME and CLOCK_REALTIME read together, ns. */
  bootNs: u64,
  wallNs: u64,
  /** Number of the filter set in the kernel; 0 is the built-in one (SPEC 8). */
  filterSet: z.number().int().min(0).max(0xffff_ffff).default(0),
  /** What the host's own file says it is. */
  labels: labelsSchema.optional(),
});
const interfacesSchema = z.object({ type: z.literal("interfaces"), interfaces: z.array(interfaceSchema).max(1024) });
/** What a budget leaves of each record: all that was asked for, at most 64 bytes of the packet, none of it. */
export const budgetSteps = ["full", "short", "addresses"] as const;
/** Records per second an agent may make, and the least N it holds every filter to for that. */
export const budgetSchema = z.object({
  recordsPerSecond: z.number().int().positive(),
  sampleN: z.number().int().positive(),
  step: z.enum(budgetSteps),
});
export type AgentBudget = z.infer<typeof budgetSchema>;
/** What an agent keeps on disk while the hub does not take it. Losses are since the agent started, of any stream. */
export const spoolSchema = z.object({
  bytes: z.number().int().nonnegative(),
  /** The most it may hold now: what was allowed, less what the file system must keep free. */
  limitBytes: z.number().int().nonnegative(),
  recordsLost: u64,
  flowsLost: u64,
  /** Places on disk that could not be read: torn by a crash, or damaged. */
  damaged: z.number().int().nonnegative(),
  /** Why nothing is kept; null while it works. */
  off: z.string().max(500).nullable(),
});
export type SpoolStatus = z.infer<typeof spoolSchema>;
const statusSchema = z.object({
  type: z.literal("status"),
  /** The frequentest rate and the longest capture of any filter, as they are in force. */
  sampleN: z.number().int().positive(),
  snaplen: z.number().int().nonnegative(),
  rssBytes: z.number().int().nonnegative(),
  cpuSeconds: z.number().nonnegative(),
  queueBytes: z.number().int().nonnegative(),
  queueLost: u64,
  /** Left out where N is fixed. `step`: see `budgetSteps`. */
  budget: budgetSchema.optional(),
  spool: spoolSchema.optional(),
});
/** Goes on with an earlier stream of this host, whose batches its agent kept on disk (SPEC 4.9). */
const resumeSchema = z.object({
  type: z.literal("resume"),
  bootId: uuid,
  stream: u64,
  /** CLOCK_BOOTTIME and CLOCK_REALTIME read together in that boot, ns. */
  bootNs: u64,
  wallNs: u64,
  /** As announced then. */
  interfaces: z.array(interfaceSchema).max(1024),
});

/** Agent → hub, event "message", always with an acknowledgement. */
export const agentMessageSchema = z.discriminatedUnion("type", [helloSchema, interfacesSchema, statusSchema, resumeSchema]);
export type AgentMessage = z.infer<typeof agentMessageSchema>;
export type AgentHello = z.infer<typeof helloSchema>;
export type AgentResume = z.infer<typeof resumeSchema>;
export type AgentStatus = z.infer<typeof statusSchema>;

const refusalSchema = z.object({ ok: z.literal(false), code: z.string().max(64), detail: z.string().max(500) });
export type Refusal = z.infer<typeof refusalSchema>;

/** Last sequence committed per kind of a (host, boot, stream); "0" when none. */
const committedSchema = z.object({ records: u64, counters: u64, flows: u64, filterCounters: u64 } satisfies Record<
  BatchKindName,
  typeof u64
>);

/** Acknowledges resume: where each kind's sequence goes on. */
export const resumeAckSchema = z.union([z.object({ ok: z.literal(true), committed: committedSchema }), refusalSchema]);
export type ResumeAck = z.infer<typeof resumeAckSchema>;

/** Acknowledges hello: where each kind's sequence continues, and what the agent must keep to. */
export const helloAckSchema = z.union([
  z.object({
    ok: z.literal(true),
    committed: committedSchema,
    /** Addresses the hub listens on: Sonde's own traffic, counted but not sampled. Text IPs, port in host order. */
    endpoints: z.array(z.object({ address: z.string().max(64), port: z.number().int().min(1).max(65535) })).max(64),
    /** Batches an agent may have unacknowledged. */
    window: z.number().int().positive(),
  }),
  refusalSchema,
]);
export type HelloAck = z.infer<typeof helloAckSchema>;

/** Acknowledges any other message, and a batch: `ok: true` only after the hub's commit (SPEC 4.3). */
export const ackSchema = z.union([z.object({ ok: z.literal(true) }), refusalSchema]);
export type Ack = z.infer<typeof ackSchema>;

/** Hub → agent, event "message". `clock` is answered by a clock reading, `filters` by `filtersAckSchema`. */
export const hubMessageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("clock") }),
  z.object({ type: z.literal("sampling"), n: z.number().int().min(1).max(1_000_000), snaplen: z.number().int().min(0).max(4096) }),
  filtersSchema,
]);
export type HubMessage = z.infer<typeof hubMessageSchema>;
export const clockReadingSchema = z.object({ ok: z.literal(true), bootNs: u64, wallNs: u64 });
export type ClockReading = z.infer<typeof clockReadingSchema>;

/** Sent before the hub closes an agent's connection on purpose. */
export const goodbyeSchema = z.object({ type: z.literal("goodbye"), code: z.string(), detail: z.string() });

// ── live namespace ────────────────────────────────────────────────────────────────────────────────

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
