import type { Agent } from "node:http";
import type {
  AgentHello,
  AgentInterface,
  AgentResume,
  AgentStatus,
  BatchKindName,
  ClockReading,
  EngineReport,
  FiltersAck,
  FiltersMessage,
} from "@sonde/protocol";

export type Outgoing = {
  readonly kind: BatchKindName;
  readonly stream: bigint;
  readonly sequence: bigint;
  readonly bytes: Uint8Array | ArrayBuffer;
};
type Committed = Readonly<Record<BatchKindName, bigint>>;

/** What the uplink needs of what it empties; rules of the methods: pipeline/outbox.ts. */
export type Outbox = {
  readonly stats: { readonly held: number; readonly inFlight: number };
  next(window: number): Outgoing | null;
  acknowledge(out: Outgoing): void;
  refuse(out: Outgoing): void;
  rewind(): void;
  resume(committed: Committed): boolean;
  /** What the hub must be asked before more of an earlier run can leave. */
  earlier(): AgentResume | null;
  resumeEarlier(committed: Committed): boolean;
};

export type HubEndpoint = { readonly address: string; readonly port: number };
export type Sampling = { readonly n: number; readonly snaplen: number };

/** What happens on the uplink; the composition root logs it and acts on some. */
export type UplinkEvent =
  | { readonly type: "connected"; readonly address: string }
  | { readonly type: "disconnected"; readonly reason: string; readonly retryMs: number }
  | { readonly type: "unreachable"; readonly reason: string; readonly retryMs: number }
  /** The hub turned this agent away, or is not the pinned one. `lasting`: waiting alone does not help. */
  | { readonly type: "refused"; readonly code: string; readonly detail: string; readonly lasting: boolean; readonly retryMs: number }
  | {
      readonly type: "batch-refused";
      readonly kind: Outgoing["kind"];
      readonly sequence: bigint;
      readonly code: string;
      readonly detail: string;
    }
  /** The hub does not take what an earlier run left; it stays on disk. */
  | { readonly type: "resume-refused"; readonly stream: bigint; readonly code: string; readonly detail: string }
  /** The hub asked for a pause: nothing is lost, everything unacknowledged is sent again. */
  | { readonly type: "held-back"; readonly code: string; readonly retryMs: number };

export type UplinkOptions = {
  readonly url: URL;
  readonly agent: Agent;
  readonly hostId: string;
  readonly credential: string;
  readonly agentVersion: string;
  readonly outbox: Outbox;
  readonly random: () => number;
  readonly hello: () => AgentHello;
  /** What to announce; `resuming`: this connection has heard of no interface yet. */
  readonly interfaces: (resuming: boolean) => readonly AgentInterface[];
  readonly status: () => AgentStatus;
  /** What is loaded in the kernel; null while it changes. */
  readonly engine: () => EngineReport | null;
  readonly clock: () => ClockReading;
  /** Applies what the hub asks for; throws with the reason when it cannot. */
  readonly onSampling: (sampling: Sampling) => void;
  /** Replaces the filters; the answer says what the kernel holds, or why it is still what it was. Never rejects. */
  readonly onFilters: (message: FiltersMessage) => Promise<FiltersAck>;
  /** The hub's own listening addresses, and the address this agent reached it by. */
  readonly onEndpoints: (endpoints: readonly HubEndpoint[], reachedBy: string) => void;
  /** The hub cannot continue this stream: begin another, before the next hello. */
  readonly onGap: () => void;
  readonly onEvent: (event: UplinkEvent) => void;
  /** Waits, for tests to shorten. */
  readonly timing?: Partial<Timing>;
};

export type Timing = {
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
  readonly ackTimeoutMs: number;
  readonly statusMs: number;
  readonly engineMs: number;
  readonly holdBackMs: number;
  readonly resumeRetryMs: number;
};

export const defaultTiming: Timing = {
  firstRetryMs: 500,
  maxRetryMs: 60_000,
  ackTimeoutMs: 30_000,
  statusMs: 5000,
  engineMs: 30_000,
  holdBackMs: 1000,
  resumeRetryMs: 10_000,
};
