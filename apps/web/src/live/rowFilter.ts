import type { RecordRef } from "../domain/record.ts";

type Rows = { record(row: number): RecordRef | null };

/** The rows of a packet list that match, kept up row by row as the list moves on. One filter, one predicate. */
export class RowFilter {
  readonly #matches: (record: RecordRef) => boolean;
  #rows: number[] = [];
  #looked = 0;

  constructor(matches: (record: RecordRef) => boolean) {
    this.#matches = matches;
  }

  /** Numbers of the matching rows from `first` up to `end`; the same array until it changes. */
  update(rows: Rows, first: number, end: number): readonly number[] {
    const past = this.#rows.findIndex((row) => row >= first);
    if (past !== 0 && this.#rows.length > 0) this.#rows = past < 0 ? [] : this.#rows.slice(past);
    const found: number[] = [];
    for (let row = Math.max(first, this.#looked); row < end; row++) {
      const record = rows.record(row);
      if (record !== null && this.#matches(record)) found.push(row);
    }
    this.#looked = Math.max(this.#looked, end);
    if (found.length > 0) this.#rows = [...this.#rows, ...found];
    return this.#rows;
  }
}
