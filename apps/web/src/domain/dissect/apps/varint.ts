import type { Cursor } from "../cursor.ts";
import type { FieldDef } from "../fields.ts";

/** Reads a variable-length integer of QUIC (RFC 9000 16): 1, 2, 4 or 8 bytes by its two top bits. Past 2^53 it is not exact. */
export function takeVarint(cursor: Cursor, field: FieldDef): number {
  const length = varintLength(cursor);
  const value = peekVarint(cursor);
  cursor.add(field, value > BigInt(Number.MAX_SAFE_INTEGER) ? value : Number(value), cursor.at, length);
  cursor.skip(length);
  return Number(value);
}

const varintLength = (cursor: Cursor): number => 1 << (cursor.peek8() >> 6);

function peekVarint(cursor: Cursor): bigint {
  switch (varintLength(cursor)) {
    case 1:
      return BigInt(cursor.peek8() & 0x3f);
    case 2:
      return BigInt(cursor.peek16() & 0x3fff);
    case 4:
      return BigInt(cursor.peek32() & 0x3fff_ffff);
    default:
      cursor.need(8);
      return cursor.view.getBigUint64(cursor.at) & 0x3fff_ffff_ffff_ffffn;
  }
}
