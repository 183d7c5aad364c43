/** Kinds of columns, by how wide a number of theirs is. */
type Column = Float64Array | Uint32Array | Int32Array | Uint16Array | Int16Array | Uint8Array;

const FIRST_ROWS = 4096;
/** More rows are not copied for less. */
const LEAST_GROWTH = 1.25;

/** What is known of each packet, one number a column; all grow together. A row is a packet's place among those held. */
export class Columns {
  /** How many rows there will be, where that can be told: to grow at once so far touches much less memory than to grow by and by. */
  expected = 0;
  #capacity = FIRST_ROWS;
  seconds = new Float64Array(FIRST_ROWS);
  nanoseconds = new Uint32Array(FIRST_ROWS);
  /** Where its bytes lie (ByteStore). */
  chunk = new Uint32Array(FIRST_ROWS);
  offset = new Uint32Array(FIRST_ROWS);
  capLen = new Uint32Array(FIRST_ROWS);
  wireLen = new Uint32Array(FIRST_ROWS);
  interfaceId = new Uint32Array(FIRST_ROWS);
  /** Bits of `Meta`. */
  meta = new Uint8Array(FIRST_ROWS);
  /** Bits of `Has`, and where the headers of network and transport begin (headerIndex.ts). */
  has = new Uint16Array(FIRST_ROWS);
  network = new Uint16Array(FIRST_ROWS);
  transport = new Uint16Array(FIRST_ROWS);
  /** Addresses of IPv4, and of TCP and UDP the ports, where the headers are sure. */
  source = new Uint32Array(FIRST_ROWS);
  destination = new Uint32Array(FIRST_ROWS);
  sourcePort = new Uint16Array(FIRST_ROWS);
  destinationPort = new Uint16Array(FIRST_ROWS);
  /** Of TCP, as they stand in its header. */
  flags = new Uint16Array(FIRST_ROWS);
  /** What was found in it when it was taken apart (stacks.ts); 0: it was not. */
  stack = new Uint16Array(FIRST_ROWS);
  /** As StreamFacts has them; stream −1: none. Of UDP only the stream. */
  stream = new Int32Array(FIRST_ROWS);
  seq = new Uint32Array(FIRST_ROWS);
  ack = new Uint32Array(FIRST_ROWS);
  nextSeq = new Uint32Array(FIRST_ROWS);
  window = new Uint32Array(FIRST_ROWS);
  scale = new Int16Array(FIRST_ROWS);
  duplicateAck = new Uint32Array(FIRST_ROWS);
  analysis = new Uint32Array(FIRST_ROWS);

  /** Makes room for this row. */
  reserve(row: number): void {
    if (row < this.#capacity) return;
    const { expected } = this;
    this.#capacity = expected > row ? Math.max(expected, Math.ceil(LEAST_GROWTH * row)) : 2 * this.#capacity;
    this.#each((column) => grown(column, this.#capacity));
  }

  /** Moves the rows from `count` on, up to `end`, to the front. */
  dropFirst(count: number, end: number): void {
    this.#each((column) => {
      column.copyWithin(0, count, end);
      return column;
    });
  }

  #each(change: <T extends Column>(column: T) => T): void {
    this.seconds = change(this.seconds);
    this.nanoseconds = change(this.nanoseconds);
    this.chunk = change(this.chunk);
    this.offset = change(this.offset);
    this.capLen = change(this.capLen);
    this.wireLen = change(this.wireLen);
    this.interfaceId = change(this.interfaceId);
    this.meta = change(this.meta);
    this.has = change(this.has);
    this.network = change(this.network);
    this.transport = change(this.transport);
    this.source = change(this.source);
    this.destination = change(this.destination);
    this.sourcePort = change(this.sourcePort);
    this.destinationPort = change(this.destinationPort);
    this.flags = change(this.flags);
    this.stack = change(this.stack);
    this.stream = change(this.stream);
    this.seq = change(this.seq);
    this.ack = change(this.ack);
    this.nextSeq = change(this.nextSeq);
    this.window = change(this.window);
    this.scale = change(this.scale);
    this.duplicateAck = change(this.duplicateAck);
    this.analysis = change(this.analysis);
  }
}

function grown<T extends Column>(column: T, rows: number): T {
  const longer = new (column.constructor as new (length: number) => T)(rows);
  longer.set(column);
  return longer;
}

export const Meta = {
  /** The first two bits are the direction: 1 in, 2 out, 0 not known. */
  direction: 0x03,
  marked: 0x04,
  comments: 0x08,
} as const;
