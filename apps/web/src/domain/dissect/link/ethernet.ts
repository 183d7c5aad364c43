import { macText } from "../../address.ts";
import { etherTypeName, etherTypes } from "../../names.ts";
import type { Cursor } from "../cursor.ts";
import { bool, bytesField, etherField, hex, protocol, uint } from "../fields.ts";
import type { Context, Dissector, Next } from "../types.ts";

const layer = protocol("eth", "Ethernet");
const end = (name: "dst" | "src", label: string) => ({
  address: etherField(`eth.${name}`, label, { also: ["eth.addr"] }),
  local: bool(`eth.${name}.lg`, "Locally administered", { also: ["eth.lg"] }),
  group: bool(`eth.${name}.ig`, "Group address", { also: ["eth.ig"] }),
});
const destination = end("dst", "Destination");
const source = end("src", "Source");
const fields = {
  type: hex("eth.type", "Type", 16, { names: etherTypes }),
  length: uint("eth.len", "Length"),
  padding: bytesField("eth.padding", "Padding"),
  trailer: bytesField("eth.trailer", "Trailer"),
};

/** Below it the type field is a length (IEEE 802.3 3.2.6). */
const FIRST_ETHERTYPE = 0x600;

/** Ethernet II, and 802.3. */
export const ethernet: Dissector = {
  layer,
  fields: [...Object.values(destination), ...Object.values(source), ...Object.values(fields)],
  read(cursor, node, context) {
    context.protocol = "Ethernet";
    cursor.need(6);
    context.destination = address(cursor, destination);
    cursor.need(6);
    context.source = address(cursor, source);
    node.summary = `${context.source} → ${context.destination}`;
    const type = cursor.peek16();
    if (type < FIRST_ETHERTYPE) {
      cursor.u16(fields.length);
      cursor.endAt(cursor.at + type);
      return { dissector: context.tables.data, at: cursor.at, end: cursor.end, wireEnd: cursor.wireEnd };
    }
    cursor.u16(fields.type);
    return afterEtherType(type, cursor, context);
  },
  behind(cursor) {
    const zeros = cursor.bytes.subarray(cursor.at, cursor.end).every((byte) => byte === 0);
    cursor.take(zeros ? fields.padding : fields.trailer, cursor.left);
  },
};

function address(cursor: Cursor, { address: field, local, group }: typeof source): string {
  const text = macText(cursor.view, cursor.at);
  const first = cursor.peek8();
  cursor.parts(field, cursor.bytes.subarray(cursor.at, cursor.at + 6), 6, () => {
    cursor.bits(local, (first >> 1) & 1, 3);
    cursor.bits(group, first & 1, 3);
  });
  return text;
}

/** What follows an EtherType, from the cursor on; of one that nobody knows the list says at least which. */
export function afterEtherType(type: number, cursor: Cursor, context: Context): Next {
  const known = context.tables.etherType(type);
  if (known === null) context.protocol = etherTypeName(type);
  return { dissector: known ?? context.tables.data, at: cursor.at, end: cursor.end, wireEnd: cursor.wireEnd };
}
