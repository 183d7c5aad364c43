import {
  BATCH_HEADER_BYTES,
  BatchKind,
  COUNTER_ROW_BYTES,
  FLOW_BYTES,
  RowBatches,
  counterRowAt,
  flowAt,
  headerAt,
  viewOf,
} from "@sonde/protocol";
import type { Totals } from "../sampling.ts";
import { TotalsDiff } from "./totals-diff.ts";

const wordOf = (name: "sampledOut" | "ringLost" | "noReader" | "delivered"): number => counterRowAt[name] / 8;
const UNFLOWED = counterRowAt.unflowed / 8;
/** Interface and direction; the hook may change under the same counters. */
const IDENTITY = 0xff_ffff_ffffn;

/** Frames, packets, bytes. */
type Counts = [bigint, bigint, bigint];

export type FrameTotals = Omit<Totals, "filters">;

export type Reading = {
  /** Counter batches from the last committed reading to this one; at least one, perhaps without rows. */
  readonly batches: readonly ArrayBuffer[];
  /** Sums over all rows since the engine was opened. */
  readonly totals: FrameTotals;
  /** The batches were taken: the next interval starts here. Without it the next reading covers this interval too. */
  commit(): void;
};

/** Counter batches of what was counted between two readings (SPEC 2.8). Only rows that counted something are written. */
export class CounterDiff {
  readonly #totals: TotalsDiff;
  readonly #batches = new RowBatches(BatchKind.counters, COUNTER_ROW_BYTES);
  /** With what was counted on rows that are gone: these must never shrink. */
  #sums: FrameTotals = { matched: 0n, delivered: 0n, ringLost: 0n };
  #unflowed = new Map<bigint, Counts>();

  constructor(startNs: bigint) {
    this.#totals = new TotalsDiff({ bytes: COUNTER_ROW_BYTES, identity: IDENTITY }, startNs);
  }

  /** True while flow records that were given up are not yet in a committed reading. */
  get owing(): boolean {
    return this.#unflowed.size > 0;
  }

  read(totals: ArrayBuffer): Reading {
    const diff = this.#totals.read(totals);
    const sums = diff.rows.reduce(sum, this.#sums);
    for (const row of this.#withUnflowed(diff.rows)) this.#batches.push(row);
    const batches = this.#batches.take(diff.fromNs, diff.toNs);
    return {
      batches: batches.length > 0 ? batches : [this.#batches.empty(diff.fromNs, diff.toNs)],
      totals: sums,
      commit: () => {
        diff.commit();
        this.#sums = sums;
        this.#unflowed = new Map();
      },
    };
  }

  /** What the flow records of a batch counted becomes unflowed: nobody will get that batch (SPEC 4.7). */
  giveUp(flows: ArrayBuffer): void {
    const view = viewOf(flows);
    const count = view.getUint32(headerAt.count, true);
    for (let i = 0; i < count; i++) {
      const at = BATCH_HEADER_BYTES + i * FLOW_BYTES;
      const ifindex = view.getUint32(at + flowAt.ifindex, true);
      const direction = view.getUint8(at + flowAt.direction);
      const key = BigInt(ifindex) | (BigInt(direction) << 32n);
      const [frames, packets, bytes] = this.#unflowed.get(key) ?? [0n, 0n, 0n];
      this.#unflowed.set(key, [
        frames + view.getBigUint64(at + flowAt.frames, true),
        packets + view.getBigUint64(at + flowAt.packets, true),
        bytes + view.getBigUint64(at + flowAt.bytes, true),
      ]);
    }
  }

  /** The rows with what was given up; a row of its own, without a hook, where nothing else was counted. */
  #withUnflowed(rows: readonly BigUint64Array[]): readonly BigUint64Array[] {
    if (this.#unflowed.size === 0) return rows;
    const left = new Map(this.#unflowed);
    for (const row of rows) {
      const key = (row[0] ?? 0n) & IDENTITY;
      add(row, left.get(key));
      left.delete(key);
    }
    const own = [...left].map(([key, counts]) => {
      const row = new BigUint64Array(COUNTER_ROW_BYTES / 8);
      row[0] = key;
      add(row, counts);
      return row;
    });
    return [...rows, ...own];
  }
}

function add(row: BigUint64Array, counts: Counts | undefined): void {
  counts?.forEach((count, i) => (row[UNFLOWED + i] = (row[UNFLOWED + i] ?? 0n) + count));
}

function sum(to: FrameTotals, diff: BigUint64Array): FrameTotals {
  const word = (name: Parameters<typeof wordOf>[0]): bigint => diff[wordOf(name)] ?? 0n;
  const ringLost = word("ringLost");
  const delivered = word("delivered");
  return {
    matched: to.matched + word("sampledOut") + word("noReader") + ringLost + delivered,
    delivered: to.delivered + delivered,
    ringLost: to.ringLost + ringLost,
  };
}
