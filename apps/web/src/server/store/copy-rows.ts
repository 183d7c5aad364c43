/** Microseconds from 1970 to 2000, where Postgres begins to count. */
const POSTGRES_EPOCH_US = 946_684_800_000_000;
/** Address families of Postgres' inet (src/include/utils/inet.h). */
const PGSQL_AF_INET = 2;
const PGSQL_AF_INET6 = 3;

/** timestamptz as Postgres sends it, of microseconds since 1970. */
export function timeOf(us: number): bigint {
  return BigInt(Math.round(us - POSTGRES_EPOCH_US));
}

const INET_HEAD_4 = [PGSQL_AF_INET, 32, 0, 4] as const;
const INET_HEAD_6 = [PGSQL_AF_INET6, 128, 0, 16] as const;
/** What comes before the 4 or 16 bytes of an inet: family, prefix length, whether it is a cidr, and their number. */
export function inetHead(family: 4 | 6): readonly number[] {
  return family === 4 ? INET_HEAD_4 : INET_HEAD_6;
}

/** Writes rows in Postgres' binary COPY format (big-endian; "COPY" in its manual), field by field. */
export class CopyRows {
  readonly #out: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  /** Room for everything that will be written. */
  constructor(maxBytes: number) {
    this.#out = new Uint8Array(maxBytes);
    this.#view = new DataView(this.#out.buffer);
  }

  /** The rows written so far. */
  get bytes(): Uint8Array {
    return this.#out.subarray(0, this.#at);
  }

  /** Begins a row of so many fields. */
  row(fields: number): void {
    this.#view.setInt16(this.#at, fields);
    this.#at += 2;
  }

  null(): void {
    this.#view.setInt32(this.#at, -1);
    this.#at += 4;
  }

  /** smallint */
  i16(value: number): void {
    this.#view.setInt16(this.#field(2), value);
  }

  /** "char": 0 to 127. */
  char(value: number): void {
    this.#view.setInt8(this.#field(1), value);
  }

  /** integer */
  i32(value: number): void {
    this.#view.setInt32(this.#field(4), value);
  }

  /** bigint: a whole number from 0 to 2^53. */
  i64(value: number): void {
    const at = this.#field(8);
    this.#view.setUint32(at, Math.floor(value / 2 ** 32));
    this.#view.setUint32(at + 4, value >>> 0);
  }

  /** bigint, exactly. */
  big(value: bigint): void {
    this.#view.setBigInt64(this.#field(8), value);
  }

  /** bigint of the 64 bits at an offset of a batch, whatever they mean. */
  i64From(view: DataView, from: number): void {
    const at = this.#field(8);
    this.#view.setUint32(at, view.getUint32(from + 4, true));
    this.#view.setUint32(at + 4, view.getUint32(from, true));
  }

  /** timestamptz: microseconds since 1970. */
  time(us: number): void {
    this.#view.setBigInt64(this.#field(8), timeOf(us));
  }

  uuid(bytes: Uint8Array): void {
    this.bytea(bytes);
  }

  bytea(bytes: Uint8Array): void {
    this.#out.set(bytes, this.#field(bytes.length));
  }

  /** inet: the 4 or 16 bytes at an offset of a batch. */
  inet(view: DataView, from: number, family: 4 | 6): void {
    const length = family === 4 ? 4 : 16;
    const at = this.#field(4 + length);
    this.#out.set(inetHead(family), at);
    this.#out.set(new Uint8Array(view.buffer, view.byteOffset + from, length), at + 4);
  }

  #field(bytes: number): number {
    this.#view.setInt32(this.#at, bytes);
    this.#at += 4 + bytes;
    return this.#at - bytes;
  }
}

/** A u64 of a batch below 2^53 as a number. */
export function u64At(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

/** A count of one interval this high (2^48) is no count: it would overflow the sums it goes into. */
const MAX_HIGH_WORD = 0xffff;

/** Whether all u64s from one offset to another are counts. */
export function countsInRange(view: DataView, from: number, to: number): boolean {
  for (let at = from; at < to; at += 8) if (view.getUint32(at + 4, true) > MAX_HIGH_WORD) return false;
  return true;
}

/** The last moment that a bigint column holds. */
export const MAX_I64 = 2n ** 63n - 1n;
