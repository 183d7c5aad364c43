import { viewOf } from "@sonde/protocol";

/** Totals as the engine reads them: u64 boot time, u32 rows, u32 zero, then the rows. */
const TOTALS_HEADER_BYTES = 16;

/** Rows whose first word says what they count, and whose other words are u64 counters. */
export type TotalsRow = { readonly bytes: number; /** The bits of the first word that tell rows apart. */ readonly identity: bigint };

export type Differences = {
  /** Each with its own first word; only those that counted something. */
  readonly rows: readonly BigUint64Array[];
  readonly fromNs: bigint;
  readonly toNs: bigint;
  /** The differences were taken: the next interval starts here. Without it the next reading covers this interval too. */
  commit(): void;
};

/**
 * Turns totals into differences (SPEC 2.8, 2.11). A row that went backwards is of something put in anew: it counts
 * from zero.
 */
export class TotalsDiff {
  readonly #row: TotalsRow;
  #base = new Map<bigint, BigUint64Array>();
  #sinceNs: bigint;

  constructor(row: TotalsRow, startNs: bigint) {
    this.#row = row;
    this.#sinceNs = startNs;
  }

  read(totals: ArrayBuffer): Differences {
    const view = viewOf(totals);
    const toNs = view.getBigUint64(0, true);
    const count = view.getUint32(8, true);
    const next = new Map<bigint, BigUint64Array>();
    const rows: BigUint64Array[] = [];
    for (let i = 0; i < count; i++) {
      const row = new BigUint64Array(totals, TOTALS_HEADER_BYTES + i * this.#row.bytes, this.#row.bytes / 8);
      const key = (row[0] ?? 0n) & this.#row.identity;
      next.set(key, row);
      const diff = difference(row, this.#base.get(key));
      if (diff !== null) rows.push(diff);
    }
    return {
      rows,
      fromNs: this.#sinceNs,
      toNs,
      commit: () => {
        this.#base = next;
        this.#sinceNs = toNs;
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
