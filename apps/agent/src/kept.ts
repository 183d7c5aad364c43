import type { AgentInterface, BatchKindName } from "@sonde/protocol";

/** Kinds whose batches are dropped, and counted, when there is no room. */
export type LossyKind = Extract<BatchKindName, "records" | "flows">;

/** The copy of a batch on disk. */
export type Place = {
  /** Writes the header, which has its sequence by now, over that of the copy; false when the disk refused. */
  stamp(): boolean;
  /** The copy is not needed any more. Idempotent. */
  done(): void;
};

/** One batch in wire layout on its way. `sequence` is 0n until it is first sent (SPEC 4.6). */
export type Entry = {
  readonly bytes: Uint8Array | ArrayBuffer;
  readonly records: number;
  readonly sampleN: number;
  readonly snaplen: number;
  /** The bytes are the capture's, and given back when nobody reads them any more. */
  readonly lent: boolean;
  sequence: bigint;
  /** How often it was put on the wire. */
  sends: number;
  /** Null while it is in memory alone. */
  place: Place | null;
};

/** Batches of one kind and stream on disk, oldest first. */
export type Chain = {
  /** Batches that peek() has still to bring; of files of an earlier run that were not read yet, one each. */
  readonly waiting: number;
  /** Writes a copy, and answers its place, or null when there is no room or the disk refuses. `held`: peek() will not bring it. */
  append(entry: Entry, held: boolean): Place | null;
  /** The oldest batch that was not taken. It has no sequence, and its place. */
  peek(): Entry | null;
  /** Takes what peek() answered. */
  shift(): void;
};

/** What a stream keeps on disk (spool/stream-folder.ts). */
export type KeptStream = {
  readonly bootId: string;
  readonly stream: bigint;
  readonly chains: Readonly<Record<BatchKindName, Chain>>;
  /** Records and flow records dropped since the stream began, in memory or on disk. */
  readonly lost: Readonly<Record<LossyKind, bigint>>;
  lose(kind: LossyKind, count: number): void;
  /** Everything on disk continues in another stream, with losses counted from zero. */
  restart(stream: bigint): void;
};

/** What an earlier run of the agent kept. */
export type EarlierRun = KeptStream & {
  /** CLOCK_BOOTTIME and CLOCK_REALTIME read together then, ns as text. */
  readonly clock: { readonly bootNs: string; readonly wallNs: string };
  readonly interfaces: readonly AgentInterface[];
  /** What the hub has committed of it: those batches are done, and no other is. False when the disk refuses; nothing may be sent then. */
  resumed(committed: Readonly<Record<BatchKindName, bigint>>): boolean;
  /** Deletes it: all of it was delivered. */
  remove(): void;
};
