import type { Ledger } from "@sonde/protocol";

/** The columns of agent_stream a ledger is made of. */
export type LedgerRow = {
  readonly stream: bigint;
  readonly since: Date;
  readonly sampleN: bigint;
  readonly snaplen: number;
  readonly seen: bigint;
  readonly unmatched: bigint;
  readonly sampledOut: bigint;
  readonly ringLost: bigint;
  readonly noReader: bigint;
  readonly delivered: bigint;
  readonly queueLost: bigint;
  readonly stored: bigint;
  readonly refused: bigint;
  readonly flows: bigint;
  readonly flowFrames: bigint;
  readonly unflowed: bigint;
  readonly nonFlow: bigint;
  readonly flowsLost: bigint;
  readonly flowsRefused: bigint;
};

/** The ledger of one agent run as SPEC 6 writes it. */
export function ledgerOf(row: LedgerRow): Ledger {
  return {
    stream: BigInt.asUintN(64, row.stream).toString(),
    since: row.since.toISOString(),
    sampleN: Math.max(1, Number(row.sampleN)),
    snaplen: row.snaplen,
    seen: row.seen.toString(),
    unmatched: row.unmatched.toString(),
    sampledOut: row.sampledOut.toString(),
    lostRing: row.ringLost.toString(),
    noReader: row.noReader.toString(),
    delivered: row.delivered.toString(),
    lostQueue: row.queueLost.toString(),
    stored: row.stored.toString(),
    refused: row.refused.toString(),
    flows: row.flows.toString(),
    flowFrames: row.flowFrames.toString(),
    unflowed: row.unflowed.toString(),
    nonFlow: row.nonFlow.toString(),
    lostFlows: row.flowsLost.toString(),
    refusedFlows: row.flowsRefused.toString(),
  };
}
