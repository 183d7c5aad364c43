import type { BatchKindName } from "@sonde/protocol";
import type { KeptStream, LossyKind } from "../kept.ts";

export type Outgoing = {
  readonly kind: BatchKindName;
  readonly stream: bigint;
  readonly sequence: bigint;
  readonly bytes: Uint8Array | ArrayBuffer;
};
export type Committed = Readonly<Record<BatchKindName, bigint>>;
/** Kinds whose batches cover an interval, which grows while they cannot be queued. */
export type IntervalKind = Exclude<BatchKindName, LossyKind>;

export type QueueOptions = {
  readonly hostId: string;
  readonly bootId: string;
  readonly stream: bigint;
  readonly sampleN: number;
  readonly snaplen: number;
  /** Record batches held, sent and unsent, with their bookkeeping. Default 32 MiB. */
  readonly maxRecordBytes?: number;
  /** Flow batches held, likewise. Default 16 MiB: 160,000 flow records. */
  readonly maxFlowBytes?: number;
  /** Counter batches held before intervals grow instead: at one a second, a minute. Default 60. */
  readonly maxCounterBatches?: number;
  /** Called with a record batch once nothing can read them any more. */
  readonly release?: (batch: Uint8Array) => void;
  /** Where batches go while the hub does not take them. Without it memory is all there is. */
  readonly kept?: KeptStream | null;
};

export type QueueStats = {
  /** Bytes of batches held, bookkeeping included. */
  readonly bytes: number;
  /** Batches on the wire without an answer. */
  readonly inFlight: number;
  /** Batches held, sent or not, in memory or on disk. */
  readonly held: number;
  /** Of them those that name interfaces: counters and flows. */
  readonly heldNaming: number;
  /** Records dropped here since the stream began. */
  readonly queueLost: bigint;
  /** Of them, because a capture had ended (SPEC 10.2). */
  readonly cut: bigint;
  /** Records in batches that the hub refused for good since the stream began. */
  readonly refused: bigint;
  /** The same of flow records. */
  readonly flowsLost: bigint;
  readonly flowsRefused: bigint;
};
