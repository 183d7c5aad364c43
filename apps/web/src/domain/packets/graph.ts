import type { PacketTable } from "./table.ts";

/** Times in seconds after row 0, and how many buckets lie between them. */
export type Buckets = { readonly from: number; readonly width: number; readonly count: number };

/** Adds packets up by time. */
export class Histogram {
  readonly packets: Float64Array;
  readonly bytes: Float64Array;
  readonly #table: PacketTable;
  readonly #buckets: Buckets;

  constructor(table: PacketTable, buckets: Buckets) {
    this.#table = table;
    this.#buckets = buckets;
    this.packets = new Float64Array(buckets.count);
    this.bytes = new Float64Array(buckets.count);
  }

  /** Leaves out what lies before or behind. */
  add(row: number): void {
    const bucket = Math.floor((this.#table.since(row, 0) - this.#buckets.from) / this.#buckets.width);
    if (bucket < 0 || bucket >= this.#buckets.count) return;
    this.packets[bucket] = (this.packets[bucket] ?? 0) + 1;
    this.bytes[bucket] = (this.bytes[bucket] ?? 0) + (this.#table.columns.wireLen[row] ?? 0);
  }
}
