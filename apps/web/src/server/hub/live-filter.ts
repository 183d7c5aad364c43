import { BATCH_HEADER_BYTES, BatchKind, CodedError, FLOW_BYTES, headerAt, recordAt, viewOf, type BatchHeader } from "@sonde/protocol";
import { isEmpty, parseQuery, predicateOf, type HostFacts, type Predicate, type RowView } from "../../domain/query/index.ts";

/** A filter of record and flow batches; one object for each text, so that a batch is filtered once for all who ask the same. */
export type LiveFilter = { readonly text: string; readonly records: Predicate | null; readonly flows: Predicate | null };

/** Compiles a filter; the empty one lets everything through. Throws BAD_REQUEST with the place of the fault. */
export function compileLiveFilter(text: string): LiveFilter {
  const parsed = parseQuery(text);
  if (!parsed.ok) {
    const { message, position, length } = parsed.error;
    throw new CodedError("BAD_REQUEST", `filter: ${message}`, { place: { position, length } });
  }
  if (isEmpty(parsed.query)) return { text, records: null, flows: null };
  return { text, records: predicateOf(parsed.query, "packets"), flows: predicateOf(parsed.query, "flows") };
}

/** A batch of records or flows, and which of its rows a filter lets through. */
export class Selection {
  readonly count: number;
  readonly #bytes: Buffer;
  readonly #header: BatchHeader;
  /** Where each row begins that was let through; null for all of them, until some are left out. */
  #offsets: Uint32Array | null;
  #whole: Uint8Array | null = null;

  constructor(filter: LiveFilter, header: BatchHeader, bytes: Uint8Array, host: HostFacts) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#header = header;
    const predicate = header.kind === BatchKind.flows ? filter.flows : filter.records;
    this.#offsets = predicate && offsetsOf(header, bytes, host, predicate);
    this.count = this.#offsets === null ? header.count : this.#offsets.length;
    if (this.count === header.count) this.#whole = bytes;
  }

  /** A valid batch of `rows` of the rows that were let through, evenly spread; all of them are the same bytes for everybody. */
  take(rows: number): Uint8Array {
    if (rows >= this.count) return (this.#whole ??= this.#pack(this.count));
    return this.#pack(rows);
  }

  #pack(rows: number): Uint8Array {
    const offsets = (this.#offsets ??= offsetsOf(this.#header, this.#bytes, null, null));
    let bodyLen = 0;
    for (let i = 0; i < rows; i++) bodyLen += this.#rowBytes(offsets[Math.floor((i * this.count) / rows)]!);
    const out = Buffer.allocUnsafeSlow(BATCH_HEADER_BYTES + bodyLen);
    this.#bytes.copy(out, 0, 0, BATCH_HEADER_BYTES);
    out.writeUInt32LE(rows, headerAt.count);
    out.writeUInt32LE(bodyLen, headerAt.bodyLen);
    let at = BATCH_HEADER_BYTES;
    for (let i = 0; i < rows; i++) {
      const from = offsets[Math.floor((i * this.count) / rows)]!;
      at += this.#bytes.copy(out, at, from, from + this.#rowBytes(from));
    }
    return out;
  }

  #rowBytes(at: number): number {
    return this.#header.kind === BatchKind.flows ? FLOW_BYTES : this.#bytes.readUInt16LE(at + recordAt.recLen);
  }
}

/** Where the rows begin for which the predicate holds, or all rows. Walks the batch once; nothing is allocated per row. */
function offsetsOf(header: BatchHeader, bytes: Uint8Array, host: HostFacts | null, predicate: Predicate | null): Uint32Array {
  const view = viewOf(bytes);
  const row: RowView = { view, at: BATCH_HEADER_BYTES, host: host ?? nobody, writtenNs: Number(header.lastNs) };
  const isFlows = header.kind === BatchKind.flows;
  const found = new Uint32Array(header.count);
  let count = 0;
  for (let i = 0; i < header.count; i++) {
    if (predicate === null || predicate(row)) found[count++] = row.at;
    row.at += isFlows ? FLOW_BYTES : view.getUint16(row.at + recordAt.recLen, true);
  }
  return found.subarray(0, count);
}

const nobody: HostFacts = { id: "", name: "", labels: {}, interfaces: new Map() };
