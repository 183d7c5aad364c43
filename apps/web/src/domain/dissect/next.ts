import { etherTypeName, ipProtocolName } from "../names.ts";
import type { Cursor } from "./cursor.ts";
import type { Context, Dissector, Next } from "./types.ts";

/** All from the cursor on goes to `dissector`. */
export const rest = (dissector: Dissector, { at, end, wireEnd }: Cursor): Next => ({ dissector, at, end, wireEnd });

/** What follows an EtherType, from the cursor on; of one that nobody knows the list says at least which. */
export function afterEtherType(type: number, cursor: Cursor, context: Context): Next {
  const known = context.tables.etherType(type);
  if (known === null) {
    context.protocol = etherTypeName(type);
    context.info = `EtherType 0x${type.toString(16).padStart(4, "0")}`;
  }
  return rest(known ?? context.tables.data, cursor);
}

/** What follows an IP protocol number, from the cursor on. */
export function afterIpProtocol(proto: number, cursor: Cursor, context: Context): Next {
  const known = context.tables.ipProtocol(proto);
  if (known === null) context.info = `${ipProtocolName(proto)} (${proto})`;
  return rest(known ?? context.tables.data, cursor);
}

/** A packet that an ICMP error quotes, from the cursor on. */
export function quoted(dissector: Dissector, cursor: Cursor, context: Context): Next {
  context.quoted = true;
  return rest(dissector, cursor);
}
