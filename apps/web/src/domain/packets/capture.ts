import {
  CaptureFileError,
  type CaptureInterface,
  CaptureReader,
  type CaptureSection,
  type CaptureSink,
  type CaptureStatistics,
  type CapturedPacket,
  packetOptions,
} from "@sonde/pcapfile";
import type { PacketTable } from "./table.ts";
import type { TableInterface } from "./types.ts";

/** Most that a table takes of a file: a tab of a browser has some 4 GiB. */
const MAX_BYTES = 2 ** 31;
const MAX_PACKETS = 20_000_000;
/** Room for more packets than the first ones let expect. */
const ROOM = 1.05;

/** The file is larger than a tab can hold; what came before is in the table. */
class TableFull extends Error {
  override readonly name = "TableFull";
  constructor() {
    super(`only the first packets are shown: at most ${MAX_PACKETS} packets and 2 GiB fit`);
  }
}

/** Reads a capture file into a table, in chunks as they come. */
export class TableReader {
  readonly #table: PacketTable;
  readonly #sink: IntoTable;
  readonly #reader: CaptureReader;

  constructor(table: PacketTable) {
    this.#table = table;
    this.#sink = new IntoTable(table);
    this.#reader = new CaptureReader(this.#sink);
  }

  /** Of all sections so far, in file order. */
  get comments(): readonly string[] {
    return this.#sink.comments;
  }

  /** Says how much of the file was given, in bytes: room is then made for the packets of all of it. */
  expect(given: number, total: number): void {
    const { columns, length } = this.#table;
    columns.expected = Math.min(MAX_PACKETS, Math.ceil((length * ROOM * total) / given));
  }

  /** Takes the next chunk. What stands before a damaged place is in the table when it throws (see damageOf). */
  push(chunk: Uint8Array): void {
    this.#reader.push(chunk);
  }
  /** As push; the chunk is the table's from now on, which saves it a copy. */
  give(chunk: Uint8Array): void {
    this.#table.store.adopt(chunk);
    this.#reader.push(chunk);
  }
  end(): void {
    this.#reader.end();
  }
}

/** What is wrong with the file, in words, where that is what an error says; null of any other error. */
export function damageOf(error: unknown): { readonly code: "DAMAGED" | "TOO_LARGE"; readonly message: string } | null {
  if (error instanceof CaptureFileError) return { code: "DAMAGED", message: error.message };
  return error instanceof TableFull ? { code: "TOO_LARGE", message: error.message } : null;
}

class IntoTable implements CaptureSink {
  readonly #table: PacketTable;
  readonly comments: string[] = [];
  #ours = false;

  constructor(table: PacketTable) {
    this.#table = table;
  }

  section({ application, comments }: CaptureSection): void {
    this.#ours = /^sonde\b/i.test(application ?? "");
    this.comments.push(...comments);
  }

  interface(id: number, { linkType, snaplen, name, description, filter, comments }: CaptureInterface): void {
    const host = this.#ours && name !== null && name.includes("/") ? name.slice(0, name.indexOf("/")) : null;
    const said = { linkType, snaplen, name, description, filter, comments };
    this.#table.interfaces.push({ id, ...said, host, labels: {}, received: null, dropped: null, osDropped: null });
  }

  packet(packet: Readonly<CapturedPacket>): void {
    const { length, store } = this.#table;
    if (length >= MAX_PACKETS || store.bytes >= MAX_BYTES) throw new TableFull();
    this.#table.append(packet, packet.optionsFrom === packet.optionsTo ? null : packetOptions(packet));
  }

  statistics(id: number, { received, dropped, osDropped, comments }: CaptureStatistics): void {
    const known: TableInterface | undefined = this.#table.interfaces[id];
    if (known === undefined) return;
    this.#table.interfaces[id] = { ...known, received, dropped, osDropped, comments: [...known.comments, ...comments] };
  }
}
