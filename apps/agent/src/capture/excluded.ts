/** Counts packets that could not be tried, names the first of them, and says at the end how many there were. */
export class Excluded {
  readonly #complain: (text: string) => void;
  readonly #reasons = new Map<string, number>();
  #named = 0;

  constructor(complain: (text: string) => void) {
    this.#complain = complain;
  }

  get count(): number {
    return [...this.#reasons.values()].reduce((sum, count) => sum + count, 0);
  }

  /** `number` counts packets from 1. */
  add(number: number, reason: string): void {
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
    if (this.#named++ < MAX_NAMED) this.#complain(`packet ${number} was not tried: ${reason}\n`);
  }

  /** Says nothing when there were none. */
  sumUp(total: number): void {
    if (this.count === 0) return;
    const each = [...this.#reasons].map(([reason, count]) => `${count} × ${reason}`).join("; ");
    this.#complain(`${this.count} of ${total} packets were not tried: ${each}\n`);
  }
}

/** More would bury the sum. */
const MAX_NAMED = 100;
