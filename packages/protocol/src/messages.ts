import { z } from "zod";
import { MAX_FILTERS, filtersSchema } from "./filters.ts";
import { labelsSchema } from "./labels.ts";
import type { BatchKindName } from "./layout.ts";

/** Version of the socket messages and of the handshake; raised when either side must change together. */
export const PROTOCOL_VERSION = 2;

export const AGENT_PATH = "/io/agent";
export const AGENT_NAMESPACE = "/agent";
export const LIVE_PATH = "/io/live";
export const LIVE_NAMESPACE = "/live";

export const uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
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
export const captureEnds = ["time", "packets", "bytes", "stopped"] as const;
/** How far an agent is with a capture of the set in force. One that ended takes nothing more (SPEC 10). */
export const captureProgressSchema = z.object({
  id: uuid,
  /** Null while it runs. */
  ended: z.enum(captureEnds).nullable(),
  /** Records made for it, and captured bytes in them. */
  packets: u64,
  bytes: u64,
  /** In force: what was asked for, or what the host's own file allows. */
  snaplen: z.number().int().nonnegative(),
});
export type CaptureProgress = z.infer<typeof captureProgressSchema>;
export const statusSchema = z.object({
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
  captures: z.array(captureProgressSchema).max(MAX_FILTERS).optional(),
});
const kernelName = z.string().max(64);
/** What of the agent's is loaded in the kernel now, and what it costs there. */
export const engineSchema = z.object({
  type: z.literal("engine"),
  programs: z
    .array(
      z.object({
        name: kernelName,
        /** xdp, sched_cls, tracing …: BPF_PROG_TYPE_ in lower case. */
        type: kernelName,
        /** eBPF instructions after the verifier's rewriting. */
        instructions: z.number().int().nonnegative(),
        memoryBytes: z.number().int().nonnegative(),
        /** Packets it saw and time it took, since loaded; null where the kernel does not count (kernel.bpf_stats_enabled). */
        runs: u64.nullable(),
        runNs: u64.nullable(),
        /** Interfaces and directions it is attached to. */
        attached: z.array(z.string().max(128)).max(1024),
      }),
    )
    .max(256),
  maps: z
    .array(
      z.object({
        name: kernelName,
        type: kernelName,
        maxEntries: z.number().int().nonnegative(),
        /** Null where it has no count: arrays are full from the start, of a ring buffer it is bytes. */
        entries: z.number().int().nonnegative().nullable(),
        memoryBytes: z.number().int().nonnegative(),
      }),
    )
    .max(256),
});
export type EngineReport = z.infer<typeof engineSchema>;
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
export const agentMessageSchema = z.discriminatedUnion("type", [helloSchema, interfacesSchema, statusSchema, resumeSchema, engineSchema]);
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
