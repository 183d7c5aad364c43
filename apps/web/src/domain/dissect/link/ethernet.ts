import { macText } from "../../address.ts";
import { etherTypes } from "../../names.ts";
import { Status, statusNames } from "../checksum.ts";
import type { Cursor } from "../cursor.ts";
import { bool, bytesField, etherField, hex, protocol, uint } from "../fields.ts";
import type { Dissector } from "../types.ts";
import { paddingField, readPadding } from "./padding.ts";
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
  trailer: bytesField("eth.trailer", "Trailer"),
  fcs: hex("eth.fcs", "Frame check sequence", 32),
  fcsStatus: uint("eth.fcs.status", "Check status", { names: statusNames }),
};
/** A frame of so many bytes probably holds its check sequence, where something lies behind its payload: Wireshark's guess. */
const LEAST_WITH_FCS = 64;
const FCS_BYTES = 4;

/** Ethernet II, and 802.3 with 802.2 in it. */
export const ethernet: Dissector = {
  layer,
  fields: [...Object.values(destination), ...Object.values(source), ...Object.values(fields), paddingField],
  read(cursor, node, context) {
    context.protocol = "Ethernet";
    context.frameAt = cursor.at;
    context.destination = readAddress(cursor, destination);
    context.source = readAddress(cursor, source);
    node.summary = `${context.source} → ${context.destination}`;
    return readTypeOrLength(cursor, fields, context);
  },
  behind(cursor, context) {
    readPadding(cursor, context);
    const checked = cursor.whole && cursor.wireEnd - context.frameAt >= LEAST_WITH_FCS && cursor.left >= FCS_BYTES;
    const trailer = cursor.left - (checked ? FCS_BYTES : 0);
    if (trailer > 0) cursor.take(fields.trailer, trailer);
    if (!checked) return;
    cursor.u32(fields.fcs);
    cursor.generated(fields.fcsStatus, Status.unverified);
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
