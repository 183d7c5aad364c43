import { macText } from "../../address.ts";
import { etherTypes } from "../../names.ts";
import type { Cursor } from "../cursor.ts";
import { bytesField, etherField, hex, ipv4Field, protocol, uint } from "../fields.ts";
import { afterEtherType, rest } from "../next.ts";
import type { Context, Dissector, Next } from "../types.ts";
import { llc } from "./llc.ts";

const layer = protocol("sll", "Linux cooked capture");
const typeNames: ReadonlyMap<number, string> = new Map([
  [0, "To us"],
  [1, "Broadcast"],
  [2, "Multicast"],
  [3, "To someone else"],
  [4, "Sent by us"],
]);
/** ARPHRD_ values of if_arp.h. */
const hardwareNames: ReadonlyMap<number, string> = new Map([
  [1, "Ethernet"],
  [512, "PPP"],
  [768, "IP in IP"],
  [769, "IPv6 in IPv6"],
  [772, "Loopback"],
  [776, "IPv6 in IPv4"],
  [778, "GRE"],
  [0xfffe, "None"],
]);
const fields = {
  type: uint("sll.pkttype", "Packet type", { names: typeNames }),
  hardware: uint("sll.hatype", "Hardware type", { names: hardwareNames }),
  length: uint("sll.halen", "Address length"),
  mac: etherField("sll.src.eth", "Source"),
  ipv4: ipv4Field("sll.src.ipv4", "Source"),
  other: bytesField("sll.src.other", "Source"),
  unused: bytesField("sll.unused", "Unused"),
  etherType: hex("sll.etype", "Protocol", 16, { names: etherTypes }),
  linuxType: hex("sll.ltype", "Protocol", 16),
  greType: hex("sll.gretype", "Protocol", 16, { names: etherTypes }),
  interface: uint("sll.ifindex", "Interface index"),
};
const GRE_HARDWARE = [778, 823];
const LINUX_802_2 = 4;

/** LINKTYPE_LINUX_SLL, as `tcpdump -i any` writes it (pcap-linktype(7)). */
export const cooked: Dissector = {
  layer,
  fields: Object.values(fields),
  read(cursor, node, context) {
    context.protocol = "Cooked";
    const type = cursor.u16(fields.type);
    node.summary = typeNames.get(type) ?? `Packet type ${type}`;
    const hardware = cursor.u16(fields.hardware);
    readAddress(cursor, cursor.u16(fields.length), context);
    return readProtocol(cursor, hardware, context);
  },
};

/** LINKTYPE_LINUX_SLL2. */
export const cooked2: Dissector = {
  layer,
  fields: Object.values(fields),
  read(cursor, node, context) {
    context.protocol = "Cooked";
    const protocolAt = cursor.need(20);
    cursor.at += 4;
    const index = cursor.u32(fields.interface);
    const hardware = cursor.u16(fields.hardware);
    const type = cursor.u8(fields.type);
    node.summary = `${typeNames.get(type) ?? `Packet type ${type}`}, interface ${index}`;
    readAddress(cursor, cursor.u8(fields.length), context);
    const end = cursor.at;
    cursor.at = protocolAt;
    const next = readProtocol(cursor, hardware, context);
    cursor.at = end;
    return { ...next, at: end };
  },
};

/** The sender's address in a field of 8 bytes. */
function readAddress(cursor: Cursor, length: number, context: Context): void {
  const at = cursor.need(8);
  const used = Math.min(length, 8);
  if (length === 6) {
    context.source = macText(cursor.view, at);
    cursor.take(fields.mac, 6);
  } else if (used > 0) cursor.take(length === 4 ? fields.ipv4 : fields.other, used);
  if (used < 8) cursor.take(fields.unused, 8 - used);
}

function readProtocol(cursor: Cursor, hardware: number, context: Context): Next {
  const value = cursor.peek16();
  if (GRE_HARDWARE.includes(hardware)) {
    cursor.u16(fields.greType);
    return afterEtherType(value, cursor, context);
  }
  if (value >= 0x600) {
    cursor.u16(fields.etherType);
    return afterEtherType(value, cursor, context);
  }
  cursor.u16(fields.linuxType);
  return rest(value === LINUX_802_2 ? llc : context.tables.data, cursor);
}
