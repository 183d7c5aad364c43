import { FrameSignal } from "./signal.ts";
import type { Schedule } from "./signal.ts";

/** One value that changes; listeners hear of it once per frame, and the value keeps its identity between changes. */
export class ValueStore<T> {
  readonly #signal: FrameSignal;
  #next: T;
  #value: T;

  constructor(schedule: Schedule, initial: T) {
    this.#next = initial;
    this.#value = initial;
    this.#signal = new FrameSignal(schedule, () => (this.#value = this.#next));
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#signal.subscribe(listener);
  readonly snapshot = (): T => this.#value;

  update(change: (value: T) => T): void {
    const next = change(this.#next);
    if (Object.is(next, this.#next)) return;
    this.#next = next;
    this.#signal.touch();
  }

  dispose(): void {
    this.#signal.dispose();
  }
}
