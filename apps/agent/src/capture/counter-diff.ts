import { BATCH_HEADER_BYTES, BatchKind, COUNTER_ROW_BYTES, MAX_BATCH_BYTES, counterRowAt, frameBatch, viewOf } from "@sonde/protocol";

/** Totals as the engine reads them: u64 boot time, u32 rows, u32 zero, then the rows. */
const TOTALS_HEADER_BYTES = 16;
/** u64 counters in a row, after ifindex, direction and hook. */
const COUNTERS = COUNTER_ROW_BYTES / 8 - 1;
const RING_LOST = counterRowAt.ringLost / 8;
const MAX_ROWS = Math.floor((MAX_BATCH_BYTES - BATCH_HEADER_BYTES) / COUNTER_ROW_BYTES);

export type Reading = {
  /** Counter batches from the last committed reading to this one; at least one, perhaps without rows. */
  readonly batches: readonly ArrayBuffer[];
  /** Sum over all rows since the engine was opened. */
  readonly ringLost: bigint;
  /** The batches were taken: the next interval starts here. Without it the next reading covers this interval too. */
  commit(): void;
};

/**
 * Turns totals into differences in wire layout (SPEC 2.8). Only rows that counted something are written.
 * A row that went backwards belongs to an interface attached anew: it counts from zero.
 */
export class CounterDiff {
  #base = new Map<number, BigUint64Array>();
  #sinceNs: bigint;
  /** Lost on rows that are gone: `ringLost` must never shrink. */
  #ringLost = 0n;

  constructor(startNs: bigint) {
    this.#sinceNs = startNs;
  }

  read(totals: ArrayBuffer): Reading {
    const view = viewOf(totals);
    const atNs = view.getBigUint64(0, true);
    const count = view.getUint32(8, true);
    const next = new Map<number, BigUint64Array>();
    const rows: BigUint64Array[] = [];
    let ringLost = this.#ringLost;
    for (let i = 0; i < count; i++) {
      const at = TOTALS_HEADER_BYTES + i * COUNTER_ROW_BYTES;
      const row = new BigUint64Array(totals, at, COUNTERS + 1);
      const key = view.getUint32(at + counterRowAt.ifindex, true) * 4 + view.getUint8(at + counterRowAt.direction);
      next.set(key, row);
      const diff = difference(row, this.#base.get(key));
      if (diff === null) continue;
      rows.push(diff);
      ringLost += diff[RING_LOST] ?? 0n;
    }
    return {
      batches: toBatches(rows, this.#sinceNs, atNs),
      ringLost,
      commit: () => {
        this.#base = next;
        this.#sinceNs = atNs;
        this.#ringLost = ringLost;
      },
    };
  }
}

/** row − base with the row's own first word, or null when nothing was counted. */
function difference(row: BigUint64Array, base: BigUint64Array | undefined): BigUint64Array | null {
  const restarted = base !== undefined && row.some((value, i) => i > 0 && value < (base[i] ?? 0n));
  const from = restarted ? undefined : base;
  const diff = new BigUint64Array(row.length);
  diff[0] = row[0] ?? 0n;
  let any = false;
  for (let i = 1; i < row.length; i++) {
    const value = (row[i] ?? 0n) - (from?.[i] ?? 0n);
    diff[i] = value;
    any ||= value !== 0n;
  }
  return any ? diff : null;
}

function toBatches(rows: readonly BigUint64Array[], firstNs: bigint, lastNs: bigint): ArrayBuffer[] {
  const batches: ArrayBuffer[] = [];
  for (let from = 0; from === 0 || from < rows.length; from += MAX_ROWS) {
    const part = rows.slice(from, from + MAX_ROWS);
    const bodyLen = part.length * COUNTER_ROW_BYTES;
    const batch = new ArrayBuffer(BATCH_HEADER_BYTES + bodyLen);
    frameBatch(viewOf(batch), { kind: BatchKind.counters, count: part.length, bodyLen, firstNs, lastNs });
    part.forEach((row, i) => new BigUint64Array(batch, BATCH_HEADER_BYTES + i * COUNTER_ROW_BYTES, row.length).set(row));
    batches.push(batch);
  }
  return batches;
}
