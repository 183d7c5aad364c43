import type { ColourRule } from "../../domain/packets/types.ts";
import type { QueryError } from "../../domain/query/types.ts";
import type { Schedule } from "../signal.ts";
import { ValueStore } from "../valueStore.ts";
import type { PacketsClient } from "./client.ts";
import type { TableState } from "./messages.ts";
import { RowPages } from "./rowPages.ts";

/** What is open on the page. A local file is known by its name alone: a page cannot open it again by itself. */
export type Source =
  | { readonly type: "none" }
  | { readonly type: "file"; readonly name: string }
  | { readonly type: "capture"; readonly id: string }
  | { readonly type: "live"; readonly hosts: string };

/** How the filter that was asked for last fared. */
export type FilterState = { readonly text: string; readonly pending: boolean; readonly error: QueryError | null };

/**
 * The packets of this page: a worker that is started when it is needed first, the rows of its view, and what is open.
 * It stays while other screens are looked at.
 */
export class PagePackets {
  readonly source: ValueStore<Source>;
  readonly filtering: ValueStore<FilterState>;
  readonly rows: RowPages;
  readonly #start: () => PacketsClient;
  #client: PacketsClient | null = null;
  readonly #listeners = new Set<() => void>();
  #revision = -1;
  #opened = 0;
  #asked = 0;

  constructor({ start, schedule }: { start: () => PacketsClient; schedule: Schedule }) {
    this.#start = start;
    this.source = new ValueStore<Source>(schedule, { type: "none" });
    this.filtering = new ValueStore<FilterState>(schedule, { text: "", pending: false, error: null });
    this.rows = new RowPages((from, count) => this.client.rows(from, count), schedule);
  }

  /** The worker's own end; started when it is needed first. */
  get client(): PacketsClient {
    if (this.#client === null) {
      this.#client = this.#start();
      this.#client.subscribe(() => this.#changed());
    }
    return this.#client;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
  /** Null until something was opened. */
  readonly snapshot = (): TableState | null => this.#client?.snapshot() ?? null;

  /** Starts the worker before something is opened: it takes some tenths of a second. */
  prepare(): void {
    void this.client;
  }

  openFile(file: File): Promise<void> {
    return this.#open({ type: "file", name: file.name }, () => this.client.openFile(file, file.name));
  }
  /** `url`: where its file comes from, in full, because the worker has an address of its own. */
  openCapture(id: string, url: string): Promise<void> {
    return this.#open({ type: "capture", id }, () => this.client.openUrl(url, "capture"));
  }
  beginLive(hosts: string, rows: number): Promise<void> {
    return this.#open({ type: "live", hosts }, () => this.client.beginLive(rows, "live"));
  }
  close(): Promise<void> {
    return this.#open({ type: "none" }, () => this.client.clear());
  }

  /** Sets the view's filter; what a person types meanwhile wins. */
  async filter(text: string): Promise<void> {
    const asked = ++this.#asked;
    this.filtering.update((was) => ({ ...was, text, pending: true }));
    const result = await this.client.filter(text).catch((error: unknown) => ({ ok: false as const, error: faultOf(error) }));
    if (asked !== this.#asked) return;
    this.filtering.update(() => ({ text, pending: false, error: result.ok ? null : result.error }));
    this.rows.stale();
  }

  async setColours(rules: readonly ColourRule[]): Promise<readonly (QueryError | null)[]> {
    const faults = await this.client.setColours(rules);
    this.rows.stale();
    return faults;
  }

  async #open(source: Source, open: () => Promise<unknown>): Promise<void> {
    const opened = ++this.#opened;
    this.source.update(() => source);
    this.rows.clear();
    const done = open();
    // The view's filter is the page's, whatever is open.
    const { text } = this.filtering.snapshot();
    if (text !== "" && source.type !== "none") void this.filter(text);
    await done.catch(() => undefined); // what went wrong is in the table's state
    if (opened === this.#opened) this.rows.stale();
  }

  #changed(): void {
    const state = this.snapshot();
    if (state !== null && state.revision !== this.#revision) {
      this.#revision = state.revision;
      this.rows.stale();
    }
    for (const listener of [...this.#listeners]) listener();
  }
}

function faultOf(error: unknown): QueryError {
  const message = error instanceof Error ? error.message : "the filter could not be asked";
  return { message, position: 0, length: 0 };
}
