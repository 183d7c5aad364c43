import { etherTypes } from "../../names.ts";
import { hex, protocol, uint } from "../fields.ts";
import { afterEtherType, rest } from "../next.ts";
import type { Dissector } from "../types.ts";

const layer = protocol("null", "Loopback");
/** Address families of the BSDs: AF_INET6 has a number of its own on each. */
const familyNames: ReadonlyMap<number, string> = new Map([
  [2, "IPv4"],
  [24, "IPv6"],
  [28, "IPv6"],
  [30, "IPv6"],
]);
const fields = {
  family: uint("null.family", "Family", { names: familyNames }),
  type: hex("null.type", "Type", 16, { names: etherTypes }),
};
const IPV4 = 0x0800;
const IPV6 = 0x86dd;

/** LINKTYPE_NULL: the address family in the byte order of the host that captured; LINKTYPE_LOOP: in network order. */
export const loopback: Dissector = {
  layer,
  fields: Object.values(fields),
  read(cursor, node, context) {
    context.protocol = "Loopback";
    cursor.need(4);
    const big = cursor.view.getUint32(cursor.at);
    const family = big > 0xffff ? cursor.view.getUint32(cursor.at, true) : big;
    const version = familyNames.get(family);
    node.summary = version ?? `family ${family}`;
    cursor.bits(fields.family, family, 4);
    cursor.at += 4;
    if (version !== undefined) return afterEtherType(version === "IPv4" ? IPV4 : IPV6, cursor, context);
    context.info = node.summary;
    return rest(context.tables.data, cursor);
  },
};
