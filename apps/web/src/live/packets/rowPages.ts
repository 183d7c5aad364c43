import type { PacketRow, Rows } from "../../domain/packets/types.ts";
import { FrameSignal } from "../signal.ts";
import type { Schedule } from "../signal.ts";

/** Rows asked for at a time. */
const PAGE = 128;
/** How often a page is asked for again by itself while it has fewer rows than the view is said to have. */
const MAX_AGAIN = 3;
/** Pages that are kept; a screen shows one or two. */
const KEPT = 48;

type Page = { rows: readonly PacketRow[]; readonly from: number; epoch: number };

/**
 * Rows of the view, fetched by pages as they come into sight. What was fetched stays until it is fetched anew, so that
 * a list that changes never shows a blank in between.
 */
export class RowPages {
  readonly #fetch: (from: number, count: number) => Promise<Rows>;
  readonly #signal: FrameSignal;
  /** In the order they were wanted last. */
  readonly #pages = new Map<number, Page>();
  readonly #asked = new Set<number>();
  #epoch = 0;
  #window = { first: 0, end: 0, total: 0 };
  #version = 0;
  #again = 0;

  constructor(fetch: (from: number, count: number) => Promise<Rows>, schedule: Schedule) {
    this.#fetch = fetch;
    this.#signal = new FrameSignal(schedule, () => this.#version++);
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#signal.subscribe(listener);
  /** Changes with every row that came. */
  readonly snapshot = (): number => this.#version;

  /** The row at a place of the view; null while it is not there. */
  row(place: number): PacketRow | null {
    const page = this.#pages.get(Math.floor(place / PAGE));
    return page?.rows[place - page.from] ?? null;
  }

  /** What is in sight, of a view of so many rows. */
  want(first: number, end: number, total: number): void {
    this.#window = { first, end, total };
    this.#again = 0;
    this.#load();
  }

  /** The view may have other rows from now on. */
  stale(): void {
    this.#epoch++;
    this.#load();
  }

  /** Another table: nothing that was fetched is of it. */
  clear(): void {
    this.#epoch++;
    this.#pages.clear();
    this.#window = { first: 0, end: 0, total: 0 };
    this.#signal.touch();
  }

  #load(): void {
    const { first, end, total } = this.#window;
    for (let index = Math.floor(first / PAGE); index * PAGE < Math.min(end, total); index++) {
      const page = this.#pages.get(index);
      if (page !== undefined) {
        this.#pages.delete(index);
        this.#pages.set(index, page);
      }
      const whole = Math.min(PAGE, total - index * PAGE);
      if ((page?.epoch !== this.#epoch || page.rows.length < whole) && !this.#asked.has(index)) void this.#ask(index);
    }
  }

  async #ask(index: number): Promise<void> {
    const epoch = this.#epoch;
    this.#asked.add(index);
    const answer = await this.#fetch(index * PAGE, PAGE).catch(() => null);
    this.#asked.delete(index);
    if (answer === null) return;
    // What came for an older view is better than nothing, until the newer comes.
    this.#pages.set(index, { rows: answer.rows, from: index * PAGE, epoch });
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= KEPT) break;
      this.#pages.delete(oldest);
    }
    this.#signal.touch();
    // The view may have grown while the answer was on its way.
    const behind = answer.total < this.#window.total && this.#again++ < MAX_AGAIN;
    if (epoch !== this.#epoch || behind) this.#load();
  }
}
