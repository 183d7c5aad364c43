import type { Cursor } from "../cursor.ts";
import type { FieldDef } from "../fields.ts";
import { afterEtherType, rest } from "../next.ts";
import type { Context, Next } from "../types.ts";
import { llc } from "./llc.ts";

/** Below it the field is a length (IEEE 802.3 3.2.6). */
const FIRST_ETHERTYPE = 0x600;

/** Reads an EtherType, or the length of an 802.2 frame: what follows it. */
export function readTypeOrLength(cursor: Cursor, fields: { readonly type: FieldDef; readonly length: FieldDef }, context: Context): Next {
  const value = cursor.peek16();
  if (value >= FIRST_ETHERTYPE) return afterEtherType(cursor.u16(fields.type), cursor, context);
  cursor.u16(fields.length);
  const wireEnd = Math.min(cursor.wireEnd, cursor.at + value);
  // NetWare's frames without 802.2 begin with IPX, whose checksum is always this
  const bare = cursor.left >= 2 && cursor.peek16() === 0xffff;
  if (bare) context.protocol = "IPX";
  return { ...rest(bare ? context.tables.data : llc, cursor), end: Math.min(cursor.end, wireEnd), wireEnd };
}
