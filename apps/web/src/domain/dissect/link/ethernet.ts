import { macText } from "../../address.ts";
import { etherTypes } from "../../names.ts";
import type { Cursor } from "../cursor.ts";
import { bool, bytesField, etherField, hex, protocol, uint } from "../fields.ts";
import type { Dissector } from "../types.ts";
import { readTypeOrLength } from "./etherType.ts";

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

/** Ethernet II, and 802.3 with 802.2 in it. */
export const ethernet: Dissector = {
  layer,
  fields: [...Object.values(destination), ...Object.values(source), ...Object.values(fields)],
  read(cursor, node, context) {
    context.protocol = "Ethernet";
    context.destination = readAddress(cursor, destination);
    context.source = readAddress(cursor, source);
    node.summary = `${context.source} → ${context.destination}`;
    return readTypeOrLength(cursor, fields, context);
  },
  behind(cursor) {
    const zeros = cursor.bytes.subarray(cursor.at, cursor.end).every((byte) => byte === 0);
    cursor.take(zeros ? fields.padding : fields.trailer, cursor.left);
  },
};

function readAddress(cursor: Cursor, { address, local, group }: typeof source): string {
  const text = macText(cursor.view, cursor.need(6));
  const first = cursor.peek8();
  cursor.parts(address, cursor.bytes.subarray(cursor.at, cursor.at + 6), 6, () => {
    cursor.bits(local, (first >> 1) & 1, 3);
    cursor.bits(group, first & 1, 3);
  });
  return text;
}
