import type { RowPredicate } from "./predicate.ts";
import type { PacketTable } from "./table.ts";

/** The rows of a table that a filter takes, in order, as far as it has looked. */
export class View {
  readonly #table: PacketTable;
  /** Null takes every row. */
  #takes: RowPredicate | null = null;
  #rows = new Uint32Array(1024);
  #length = 0;
  #looked = 0;

  constructor(table: PacketTable) {
    this.#table = table;
  }

  /** Rows taken so far. */
  get length(): number {
    return this.#takes === null ? this.#table.length : this.#length;
  }
  /** Rows of the table that it has not looked at. */
  get behind(): number {
    return this.#takes === null ? 0 : this.#table.length - this.#looked;
  }

  /** Begins anew. */
  filter(takes: RowPredicate | null): void {
    this.#takes = takes;
    this.#length = 0;
    this.#looked = 0;
  }

  /** Looks at more rows, until `enough` says so, which is asked now and then. */
  advance(enough: () => boolean): void {
    const takes = this.#takes;
    if (takes === null) return;
    const end = this.#table.length;
    for (let n = 1; this.#looked < end; n++) {
      const row = this.#looked++;
      if (takes(row)) this.#push(row);
      if (n % 256 === 0 && enough()) return;
    }
  }

  #push(row: number): void {
    if (this.#length === this.#rows.length) {
      const grown = new Uint32Array(this.#length * 2);
      grown.set(this.#rows);
      this.#rows = grown;
    }
    this.#rows[this.#length++] = row;
  }

  /** The row at a place; null behind the end. */
  at(place: number): number | null {
    if (place < 0 || place >= this.length) return null;
    return this.#takes === null ? place : (this.#rows[place] ?? null);
  }

  /** Place of the first row of the view that is not before this one; its length when there is none. */
  placeOf(row: number): number {
    if (this.#takes === null) return Math.min(Math.max(0, row), this.length);
    let [from, to] = [0, this.#length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#rows[middle] ?? 0) < row) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** The table let go of so many rows. */
  dropped(count: number): void {
    const gone = this.#takes === null ? 0 : this.placeOf(count);
    for (let i = gone; i < this.#length; i++) this.#rows[i - gone] = (this.#rows[i] ?? 0) - count;
    this.#length = Math.max(0, this.#length - gone);
    this.#looked = Math.max(0, this.#looked - count);
  }
}
