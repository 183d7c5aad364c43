import { ipv4Text, macText } from "../address.ts";
import { etherTypeName } from "../names.ts";
import { cut, field, payloadAt } from "./types.ts";
import type { Next, Parsed } from "./types.ts";

/** Ethernet II, or 802.3 when the type field is a length (IEEE 802.3 3.2.6). */
export function ethernet(bytes: DataView, at: number, end: number): Parsed {
  if (at + 14 > end) return cut("Ethernet", at, end, 14);
  const type = bytes.getUint16(at + 12);
  const source = macText(bytes, at + 6);
  const destination = macText(bytes, at);
  const fields = [
    field("Destination", `${destination}${castName(bytes, at)}`, at, 6),
    field("Source", source, at + 6, 6),
    field("Type", `${etherTypeName(type)} (0x${type.toString(16).padStart(4, "0")})`, at + 12, 2),
  ];
  const layer = { name: "Ethernet", summary: `${source} → ${destination}`, fields, range: [at, at + 14] as const };
  return { layer, next: afterType(type, at + 14, end) };
}

function castName(bytes: DataView, at: number): string {
  if (macText(bytes, at) === "ff:ff:ff:ff:ff:ff") return " (broadcast)";
  return (bytes.getUint8(at) & 1) === 1 ? " (multicast)" : "";
}

function afterType(value: number, at: number, end: number): Next {
  return value < 0x600 ? payloadAt(at, end) : { proto: { type: "ethertype", value }, at, end };
}

/** One 802.1Q or 802.1ad tag: TCI, then the EtherType of what follows. */
export function vlan(bytes: DataView, at: number, end: number): Parsed {
  if (at + 4 > end) return cut("VLAN", at, end, 4);
  const tci = bytes.getUint16(at);
  const type = bytes.getUint16(at + 2);
  const fields = [
    field("VLAN", tci & 0xfff, at, 2),
    field("Priority", tci >> 13, at, 1),
    field("Drop eligible", (tci & 0x1000) === 0 ? "no" : "yes", at, 1),
    field("Type", etherTypeName(type), at + 2, 2),
  ];
  const layer = { name: "VLAN", summary: `id ${tci & 0xfff}, priority ${tci >> 13}`, fields, range: [at, at + 4] as const };
  return { layer, next: afterType(type, at + 4, end) };
}

/** ARP for Ethernet and IPv4 (RFC 826). */
export function arp(bytes: DataView, at: number, end: number): Parsed {
  if (at + 28 > end) return cut("ARP", at, end, 28);
  const op = bytes.getUint16(at + 6);
  const opName = op === 1 ? "request" : op === 2 ? "reply" : `opcode ${op}`;
  const sender = ipv4Text(bytes, at + 14);
  const target = ipv4Text(bytes, at + 24);
  const fields = [
    field("Hardware type", bytes.getUint16(at) === 1 ? "Ethernet" : bytes.getUint16(at), at, 2),
    field("Protocol type", etherTypeName(bytes.getUint16(at + 2)), at + 2, 2),
    field("Operation", opName, at + 6, 2),
    field("Sender MAC", macText(bytes, at + 8), at + 8, 6),
    field("Sender IP", sender, at + 14, 4),
    field("Target MAC", macText(bytes, at + 18), at + 18, 6),
    field("Target IP", target, at + 24, 4),
  ];
  const layer = { name: "ARP", summary: `${opName}, ${sender} → ${target}`, fields, range: [at, at + 28] as const };
  return { layer, next: payloadAt(at + 28, end) };
}
