/** The values of a statement, in the order of its parameters: whatever comes from a person goes in here and never into the text. */
export class SqlParams {
  readonly #values: unknown[] = [];

  /** Takes a value and gives the parameter that stands for it: `$1`. */
  add(value: string | number | Date | readonly string[] | readonly number[] | null): string {
    return `$${this.#values.push(value)}`;
  }

  /** For node-postgres. */
  get values(): unknown[] {
    return [...this.#values];
  }
}
