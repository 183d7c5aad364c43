import { BATCH_HEADER_BYTES, BatchKind, checkBatch, viewOf } from "@sonde/protocol";
import { damageOf, TableReader } from "../../domain/packets/capture.ts";
import { recordArrival, recordLinkType, recordRemarks } from "../../domain/packets/records.ts";
import { PacketTable } from "../../domain/packets/table.ts";
import { View } from "../../domain/packets/view.ts";
import { ifindex, recLen } from "../../domain/record.ts";
import type { RecordRef } from "../../domain/record.ts";
import type { Failure, LiveHost, Request, TableState } from "./messages.ts";
import { openSource, type Opened, type ReadBlob } from "./source.ts";

/** A live table lets go of its oldest packets when it has this part more than it keeps. */
const SLACK = 0.2;

/** One table and its view: what was opened, or what comes live. */
export class Contents {
  readonly table = new PacketTable();
  readonly view = new View(this.table);
  readonly name: string;
  phase: TableState["phase"] = "empty";
  bytes = 0;
  totalBytes: number | null = null;
  error: Failure | null = null;
  comments: readonly string[] = [];
  #stop = new AbortController();
  #keep = 0;
  /** Number of an interface by host, ifindex and link type. */
  readonly #interfaces = new Map<string, number>();

  constructor(name = "") {
    this.name = name;
  }

  /** Reads to the end of a source, and says when some of it is in the table. What comes before a damaged place stays. */
  async read(
    source: { readonly file: Blob } | { readonly url: string },
    { read, came }: { readonly read: ReadBlob; readonly came: () => Promise<void> },
  ): Promise<void> {
    this.phase = "loading";
    try {
      const opened = await openSource(source, { read, signal: this.#stop.signal });
      this.totalBytes = opened.totalBytes;
      await this.#readPieces(opened, came);
      if (this.phase === "loading") this.phase = "done";
    } catch (error) {
      if (this.phase !== "loading") return; // it was cancelled
      this.phase = this.table.length > 0 || this.table.interfaces.length > 0 ? "done" : "failed";
      this.error = damageOf(error);
      if (this.error === null) throw this.#failed(error);
    }
  }

  async #readPieces({ pieces, given, totalBytes }: Opened, came: () => Promise<void>): Promise<void> {
    const capture = new TableReader(this.table);
    for await (const piece of pieces) {
      if (this.phase !== "loading") return;
      this.bytes += piece.length;
      if (given) capture.give(piece);
      else capture.push(piece);
      if (totalBytes !== null) capture.expect(this.bytes, totalBytes);
      this.comments = capture.comments;
      await came();
    }
    if (this.phase === "loading") capture.end();
  }

  #failed(error: unknown): unknown {
    this.error = { code: "FAILED", message: error instanceof Error ? error.message : String(error) };
    return error;
  }

  cancel(): void {
    if (this.phase === "loading" || this.phase === "live") this.phase = "cancelled";
    this.#stop.abort();
  }

  /** Is live from now on, with this many packets. */
  keep(rows: number): void {
    this.phase = "live";
    this.#keep = rows;
  }

  /** Adds the records of a batch, which is checked. True when older packets were let go. */
  append(host: LiveHost, batch: ArrayBuffer): boolean {
    const view = viewOf(batch);
    const checked = checkBatch(view);
    if (this.phase !== "live" || !checked.ok || checked.value.kind !== BatchKind.records) return false;
    this.bytes += batch.byteLength;
    const record = { view, at: BATCH_HEADER_BYTES };
    for (let i = 0; i < checked.value.count; i++) {
      const interfaceId = this.#interfaceOf(host, record);
      this.table.append(recordArrival(record, { interfaceId, offsetNs: host.offsetNs }), recordRemarks(record));
      record.at += recLen(record);
    }
    return this.#letGo();
  }

  #letGo(): boolean {
    const more = this.table.length - this.#keep;
    if (more <= this.#keep * SLACK) return false;
    this.table.dropFirst(more);
    this.view.dropped(more);
    return true;
  }

  #interfaceOf(host: LiveHost, record: RecordRef): number {
    const [index, linkType] = [ifindex(record), recordLinkType(record)];
    const key = `${host.id} ${index} ${linkType}`;
    const known = this.#interfaces.get(key);
    if (known !== undefined) return known;
    const id = this.table.interfaces.length;
    const name = host.interfaces.get(index) ?? `interface ${index}`;
    const unsaid = { snaplen: 0, description: null, filter: null, comments: [], received: null, dropped: null, osDropped: null };
    this.table.interfaces.push({ id, linkType, name, host: host.name, labels: host.labels, ...unsaid });
    this.#interfaces.set(key, id);
    return id;
  }

  annotate(request: Request<"mark"> | Request<"comment">): void {
    if ("text" in request.input) {
      const row = this.table.rowOf(request.input.number);
      if (row !== null) this.table.setComments(row, request.input.text === "" ? [] : [request.input.text]);
      return;
    }
    for (const number of request.input.numbers) {
      const row = this.table.rowOf(number);
      if (row !== null) this.table.mark(row, request.input.on);
    }
  }
}
