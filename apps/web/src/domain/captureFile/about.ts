/** A capture as its file tells of it. */
export type FileCapture = {
  readonly id: string;
  readonly name: string;
  readonly expression: string;
  /** Captured bytes of a packet that were asked for. */
  readonly snaplen: number;
  readonly reason: string | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
};

/** A host's part in it. */
export type FilePart = {
  readonly hostId: string;
  readonly name: string;
  /** In force; null where the host did not say. */
  readonly snaplen: number | null;
  readonly sampleN: number;
  readonly clockOffsetNs: bigint | null;
  readonly clockErrorNs: bigint | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly packets: bigint;
  readonly matched: bigint;
  readonly sampledOut: bigint;
  readonly lost: bigint;
};

/** The same with what the host is. */
export type FileHost = FilePart & {
  readonly os: string | null;
  readonly hardware: string | null;
  /** By ifindex. */
  readonly interfaces: ReadonlyMap<number, { readonly name: string; readonly description: string }>;
};
