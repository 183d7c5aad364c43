/** 1 in N packets become records of up to `snaplen` bytes (0–4096). */
export type Sampling = { readonly sampleN: number; readonly snaplen: number };

/** What is asked for a filter. A capture goes without a sample as long as can be; one that has ended takes nothing. */
export type AskedRate = Sampling & { readonly kind?: "capture" | "ended" };

/** What the engine has counted since it was opened. */
export type Totals = {
  /** Frames that any filter took, whatever became of them. */
  readonly matched: bigint;
  readonly delivered: bigint;
  readonly ringLost: bigint;
  /** Frames each filter of a set took, since that set was put in; set 0 is the built-in one. */
  readonly filters: readonly { readonly set: number; readonly bit: number; readonly matched: bigint }[];
};
