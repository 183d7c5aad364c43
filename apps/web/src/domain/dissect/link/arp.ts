import { ipv4Text, macText } from "../../address.ts";
import { etherTypes } from "../../names.ts";
import type { Cursor } from "../cursor.ts";
import { bool, bytesField, etherField, hex, ipv4Field, protocol, uint } from "../fields.ts";
import type { Context, Dissector } from "../types.ts";

const layer = protocol("arp", "ARP");
/** IANA arp-parameters. */
const hardwareNames: ReadonlyMap<number, string> = new Map([
  [1, "Ethernet"],
  [6, "IEEE 802"],
  [15, "Frame Relay"],
  [19, "ATM"],
  [24, "IEEE 1394"],
  [32, "InfiniBand"],
]);
const opcodeNames: ReadonlyMap<number, string> = new Map([
  [1, "request"],
  [2, "reply"],
  [3, "RARP request"],
  [4, "RARP reply"],
  [8, "InARP request"],
  [9, "InARP reply"],
]);
const party = (name: "src" | "dst", label: string) => ({
  mac: etherField(`arp.${name}.hw_mac`, `${label} MAC address`),
  hardware: bytesField(`arp.${name}.hw`, `${label} hardware address`),
  ipv4: ipv4Field(`arp.${name}.proto_ipv4`, `${label} IP address`),
  protocol: bytesField(`arp.${name}.proto`, `${label} protocol address`),
});
const sender = party("src", "Sender");
const target = party("dst", "Target");
const fields = {
  hardwareType: uint("arp.hw.type", "Hardware type", { names: hardwareNames }),
  protocolType: hex("arp.proto.type", "Protocol type", 16, { names: etherTypes }),
  hardwareSize: uint("arp.hw.size", "Hardware size"),
  protocolSize: uint("arp.proto.size", "Protocol size"),
  opcode: uint("arp.opcode", "Opcode", { names: opcodeNames }),
  gratuitous: bool("arp.isgratuitous", "Gratuitous"),
  probe: bool("arp.isprobe", "Probe"),
  announcement: bool("arp.isannouncement", "Announcement"),
};
const REQUEST = 1;
const REPLY = 2;

/** ARP (RFC 826), of any hardware and protocol; RARP and InARP have the same shape. */
export const arp: Dissector = {
  layer,
  fields: [...Object.values(fields), ...Object.values(sender), ...Object.values(target)],
  read(cursor, node, context) {
    context.protocol = "ARP";
    const start = cursor.need(8);
    const hardwareType = cursor.u16(fields.hardwareType);
    const protocolType = cursor.u16(fields.protocolType);
    const hardwareSize = cursor.u8(fields.hardwareSize);
    const protocolSize = cursor.u8(fields.protocolSize);
    const opcode = cursor.u16(fields.opcode);
    cursor.endAt(start + 8 + 2 * (hardwareSize + protocolSize));
    const addresses = {
      mac: (hardwareType === 1 || hardwareType === 6) && hardwareSize === 6,
      ipv4: protocolType === 0x0800 && protocolSize === 4,
      hardwareSize,
      protocolSize,
    };
    if (addresses.mac && addresses.ipv4) return readUsual(cursor, opcode, context);
    readParty(cursor, sender, addresses);
    readParty(cursor, target, addresses);
    context.info = `${opcodeNames.get(opcode) ?? `opcode ${opcode}`}, hardware type ${hardwareType}`;
    node.summary = context.info;
    return null;
  },
};
type Shape = { readonly mac: boolean; readonly ipv4: boolean; readonly hardwareSize: number; readonly protocolSize: number };

function readParty(cursor: Cursor, to: typeof sender, { mac, ipv4, hardwareSize, protocolSize }: Shape): void {
  if (hardwareSize > 0) cursor.take(mac ? to.mac : to.hardware, hardwareSize);
  if (protocolSize > 0) cursor.take(ipv4 ? to.ipv4 : to.protocol, protocolSize);
}

/** Of Ethernet and IPv4, with what Wireshark and RFC 5227 say of who asks for whom. */
function readUsual(cursor: Cursor, opcode: number, context: Context): null {
  const at = cursor.at;
  const { view } = cursor;
  cursor.need(20);
  const [from, to] = [ipv4Text(view, at + 6), ipv4Text(view, at + 16)];
  const asks = opcode === REQUEST;
  const gratuitous = (asks || opcode === REPLY) && from === to;
  const probe = asks && from === "0.0.0.0" && view.getUint16(at + 10) === 0 && view.getUint32(at + 12) === 0;
  const announcement = asks && gratuitous && view.getUint16(at + 10) === 0 && view.getUint32(at + 12) === 0;
  if (gratuitous) cursor.generated(fields.gratuitous, 1);
  if (probe) cursor.generated(fields.probe, 1);
  if (announcement) cursor.generated(fields.announcement, 1);
  const usual = { mac: true, ipv4: true, hardwareSize: 6, protocolSize: 4 };
  readParty(cursor, sender, usual);
  readParty(cursor, target, usual);
  const name = gratuitous ? "Gratuitous ARP for" : "Who has";
  if (opcode === REPLY) context.info = `${from} is at ${macText(view, at)}`;
  else if (asks) context.info = probe ? `Who has ${to}? (probe)` : `${name} ${to}${gratuitous ? "" : `? Tell ${from}`}`;
  else context.info = opcodeNames.get(opcode) ?? `opcode ${opcode}`;
  return null;
}
