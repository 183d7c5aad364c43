import { packetFields } from "../../domain/packets/fields.ts";
import { packetPredicate, type RowPredicate } from "../../domain/packets/predicate.ts";
import { packetDetail, packetRow } from "../../domain/packets/rows.ts";
import type { ColourRule, FilterResult, PacketDetail, Rows } from "../../domain/packets/types.ts";
import { parseWith, type QueryError } from "../../domain/query/index.ts";
import { ask } from "./asked.ts";
import { Contents } from "./contents.ts";
import type { AnyRequest, OperationName, Operations, Response, WorkerMessage } from "./messages.ts";
import { SourceError, type ReadBlob } from "./source.ts";
import { tableState } from "./state.ts";

export type SessionOptions = {
  readonly post: (message: WorkerMessage) => void;
  /** Lets messages in that wait. */
  readonly turn: () => Promise<void>;
  /** Milliseconds. */
  readonly now: () => number;
  /** Reads a part of a file. */
  readonly read: ReadBlob;
  /** Resolves after so many milliseconds. */
  readonly later: (ms: number) => Promise<void>;
};

/** How long it works before it lets messages in, and how often it tells of itself; ms. */
const SLICE_MS = 25;
const STATE_MS = 100;
/** The same while it reads a file: all that is drawn then is how far it is, with the time of the processor that reads. */
const LOADING_STATE_MS = 250;
/** Shorter, so that a question hardly waits. */
const IDLE_SLICE_MS = 10;
const MAX_ROWS = 1000;

/** The worker's side: one table, one view, and answers to what the page asks. */
export class PacketSession {
  readonly #options: SessionOptions;
  #contents = new Contents();
  #filter = "";
  #filterRun = 0;
  #colours: readonly (RowPredicate | null)[] = [];
  #rules: readonly ColourRule[] = [];
  #revision = 0;
  #toldAt = -Infinity;
  /** It will tell of itself in a moment. */
  #due = false;
  #pumping: Promise<void> | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Answers every request once. */
  async take(request: AnyRequest): Promise<void> {
    const { id } = request;
    try {
      this.#options.post(await this.#answer(request));
    } catch (error) {
      this.#options.post({ id, ok: false, error: failureOf(error) });
    }
  }

  async #answer(request: AnyRequest): Promise<Response<OperationName>> {
    const output = await this.#perform(request);
    return { id: request.id, ok: true, output };
  }

  #perform(request: AnyRequest): Operations[OperationName]["out"] | Promise<Operations[OperationName]["out"]> {
    switch (request.name) {
      case "openFile":
        return this.#open(request.input.name, { file: request.input.file });
      case "openUrl":
        return this.#open(request.input.name, { url: request.input.url });
      case "beginLive":
        this.#begin(request.input.name).keep(request.input.rows);
        return this.#changed();
      case "append":
        this.#revision += this.#contents.append(request.input.host, request.input.batch) ? 1 : 0;
        void this.#pump();
        return null;
      case "cancel":
        this.#contents.cancel();
        return this.#changed();
      case "clear":
        this.#begin("");
        return this.#changed();
      case "filter":
        return this.#setFilter(request.input.text);
      case "rows":
        return this.#rows(request.input);
      case "detail":
        return this.#detail(request.input.number);
      case "setColours":
        return this.#setColours(request.input.rules);
      case "mark":
      case "comment":
        this.#contents.annotate(request);
        this.#revision++;
        return this.#changed();
      case "placeOf":
      case "conversations":
      case "endpoints":
      case "graph":
      case "followStream":
      case "find":
      case "nextMark":
      case "save":
        return ask(request, this.#contents, (limit) => this.#slice(limit));
    }
  }

  /** A new table, with the filter and the colours that were set. */
  #begin(name: string): Contents {
    this.#contents.cancel();
    this.#contents = new Contents(name);
    this.#revision++;
    this.#filterRun++;
    this.#useFilter(this.#filter);
    this.#setColours(this.#rules);
    return this.#contents;
  }

  async #open(name: string, source: { file: Blob } | { url: string }): Promise<null> {
    const contents = this.#begin(name);
    this.#tell();
    try {
      const came = async (): Promise<void> => {
        void this.#pump();
        await this.#slice(0);
      };
      await contents.read(source, { read: this.#options.read, came });
    } finally {
      this.#tell(); // also that it failed
    }
    await this.#pump();
    void this.#examine(contents);
    return this.#changed();
  }

  /** Looks into the packets while nobody asks for anything: filters over what they carry then know which have it. */
  async #examine(contents: Contents): Promise<void> {
    for (let row = 0; row < contents.table.length && contents === this.#contents;) {
      while (this.#pumping !== null) await this.#pumping;
      const until = this.#options.now() + IDLE_SLICE_MS;
      row = contents.table.examine(row, () => this.#options.now() >= until);
      await this.#options.turn();
    }
  }

  /** Lets the view look at all that is there, a slice at a time. */
  #pump(): Promise<void> {
    this.#pumping ??= this.#pumpAll().finally(() => (this.#pumping = null));
    return this.#pumping;
  }

  async #pumpAll(): Promise<void> {
    while (this.#contents.view.behind > 0) {
      const until = this.#options.now() + SLICE_MS;
      this.#contents.view.advance(() => this.#options.now() >= until);
      await this.#slice(0);
    }
    this.#soon();
  }

  /** Lets messages in after so many milliseconds of work; says when the next slice ends. */
  async #slice(until: number): Promise<number> {
    if (this.#options.now() < until) return until;
    this.#soon();
    await this.#options.turn();
    return this.#options.now() + SLICE_MS;
  }

  #useFilter(text: string): QueryError | null {
    const parsed = parseWith(text, packetFields);
    if (!parsed.ok) return parsed.error;
    const { table, view } = this.#contents;
    view.filter(parsed.query.type === "all" ? null : packetPredicate(parsed.query, table));
    return null;
  }

  async #setFilter(text: string): Promise<FilterResult> {
    const error = this.#useFilter(text);
    if (error !== null) return { ok: false, error };
    this.#filter = text;
    this.#revision++;
    const run = ++this.#filterRun;
    const contents = this.#contents;
    while (run === this.#filterRun && contents.view.behind > 0) await this.#pump();
    this.#tell();
    return { ok: true, count: contents.view.length };
  }

  #setColours(rules: readonly ColourRule[]): readonly (QueryError | null)[] {
    this.#rules = rules;
    const parsed = rules.map(({ filter }) => parseWith(filter, packetFields));
    this.#colours = parsed.map((one) => (one.ok ? packetPredicate(one.query, this.#contents.table) : null));
    this.#revision++;
    return parsed.map((one) => (one.ok ? null : one.error));
  }

  #rows({ from, count }: { from: number; count: number }): Rows {
    const { table, view } = this.#contents;
    const rows: Rows["rows"][number][] = [];
    for (let place = from; place < from + Math.min(count, MAX_ROWS); place++) {
      const row = view.at(place);
      if (row === null) break;
      rows.push(packetRow(table, row, { dissection: table.dissect(row), previous: view.at(place - 1), colours: this.#colours }));
    }
    return { from, total: view.length, rows };
  }

  #detail(number: number): PacketDetail | null {
    const { table, view } = this.#contents;
    const row = table.rowOf(number);
    if (row === null) return null;
    return packetDetail(table, row, { previous: view.at(view.placeOf(row) - 1), colours: this.#colours });
  }

  #changed(): null {
    this.#tell();
    return null;
  }

  /** Tells of itself; a moment later when it just did. */
  #soon(): void {
    if (this.#due) return;
    const every = this.#contents.phase === "loading" ? LOADING_STATE_MS : STATE_MS;
    const left = this.#toldAt + every - this.#options.now();
    if (left <= 0) return this.#tell();
    this.#due = true;
    void this.#options.later(left).then(() => this.#tell());
  }

  #tell(): void {
    this.#toldAt = this.#options.now();
    this.#due = false;
    this.#options.post({ state: tableState(this.#contents, { filter: this.#filter, revision: this.#revision }) });
  }
}

function failureOf(error: unknown): { code: string; message: string } {
  if (error instanceof SourceError) return { code: error.code, message: error.message };
  return { code: "FAILED", message: error instanceof Error ? error.message : String(error) };
}
