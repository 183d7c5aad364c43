import { BatchKind, FILTER_ROW_BYTES, RowBatches } from "@sonde/protocol";
import { TotalsDiff } from "./totals-diff.ts";

export type FilterReading = {
  /** Filter counter batches from the last committed reading to this one; none when no filter took anything. */
  readonly batches: readonly ArrayBuffer[];
  /** The batches were taken: the next interval starts here. */
  commit(): void;
};

/** Filter counter batches of what was counted between two readings (SPEC 2.11). */
export class FilterDiff {
  readonly #totals: TotalsDiff;
  readonly #batches = new RowBatches(BatchKind.filterCounters, FILTER_ROW_BYTES);

  constructor(startNs: bigint) {
    this.#totals = new TotalsDiff({ bytes: FILTER_ROW_BYTES, identity: 2n ** 64n - 1n }, startNs);
  }

  read(totals: ArrayBuffer): FilterReading {
    const diff = this.#totals.read(totals);
    for (const row of diff.rows) this.#batches.push(row);
    return { batches: this.#batches.take(diff.fromNs, diff.toNs), commit: diff.commit };
  }
}
