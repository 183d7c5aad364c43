import { ipv6Text } from "../address.ts";
import { icmp6Name, icmpName, tcpFlagNames } from "../names.ts";
import { cut, field, payloadAt } from "./types.ts";
import type { LayerField, Parsed } from "./types.ts";

const hex4 = (value: number): string => `0x${value.toString(16).padStart(4, "0")}`;

/** TCP (RFC 9293) with its options. */
export function tcp(bytes: DataView, at: number, end: number): Parsed {
  if (at + 20 > end) return cut("TCP", at, end, 20);
  const doff = (bytes.getUint8(at + 12) >> 4) * 4;
  const flags = bytes.getUint8(at + 13);
  const from = bytes.getUint16(at);
  const to = bytes.getUint16(at + 2);
  const head = Math.max(20, doff);
  const fields = [
    field("Source port", from, at, 2),
    field("Destination port", to, at + 2, 2),
    field("Sequence number", bytes.getUint32(at + 4), at + 4, 4),
    field("Acknowledgement", (flags & 0x10) === 0 ? `${bytes.getUint32(at + 8)} (ACK not set)` : bytes.getUint32(at + 8), at + 8, 4),
    field("Header length", `${doff} bytes${doff < 20 ? " (malformed)" : ""}`, at + 12, 1),
    field("Flags", tcpFlagNames(flags), at + 13, 1),
    field("Window", bytes.getUint16(at + 14), at + 14, 2),
    field("Checksum", `${hex4(bytes.getUint16(at + 16))} (not checked)`, at + 16, 2),
    field("Urgent pointer", bytes.getUint16(at + 18), at + 18, 2),
    ...tcpOptions(bytes, at + 20, Math.min(end, at + head)),
  ];
  const layer = {
    name: "TCP",
    summary: `${from} → ${to} [${tcpFlagNames(flags)}]`,
    fields,
    range: [at, Math.min(end, at + head)] as const,
  };
  return { layer, next: payloadAt(Math.min(end, at + head), end) };
}

/** Kind, length, value (RFC 9293 3.2); stops at the first one whose length makes no sense. */
function tcpOptions(bytes: DataView, from: number, end: number): LayerField[] {
  const fields: LayerField[] = [];
  let at = from;
  while (at < end) {
    const kind = bytes.getUint8(at);
    if (kind === 0) break;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes.getUint8(at + 1) : 0;
    if (length < 2 || at + length > end) {
      fields.push(field("Option", `kind ${kind}, cut off or malformed`, at, end - at));
      break;
    }
    fields.push(tcpOption(bytes, at, kind, length));
    at += length;
  }
  return fields;
}

function tcpOption(bytes: DataView, at: number, kind: number, length: number): LayerField {
  if (kind === 2 && length === 4) return field("Option: maximum segment size", bytes.getUint16(at + 2), at, length);
  if (kind === 3 && length === 3) return field("Option: window scale", `shift ${bytes.getUint8(at + 2)}`, at, length);
  if (kind === 4) return field("Option: SACK permitted", "yes", at, length);
  if (kind === 5) return field("Option: SACK", `${Math.floor((length - 2) / 8)} blocks`, at, length);
  if (kind === 8 && length === 10) {
    return field("Option: timestamps", `value ${bytes.getUint32(at + 2)}, echo ${bytes.getUint32(at + 6)}`, at, length);
  }
  return field(`Option: kind ${kind}`, `${length} bytes`, at, length);
}

/** UDP (RFC 768). */
export function udp(bytes: DataView, at: number, end: number): Parsed {
  if (at + 8 > end) return cut("UDP", at, end, 8);
  const from = bytes.getUint16(at);
  const to = bytes.getUint16(at + 2);
  const length = bytes.getUint16(at + 4);
  const fields = [
    field("Source port", from, at, 2),
    field("Destination port", to, at + 2, 2),
    field("Length", `${length} bytes`, at + 4, 2),
    field("Checksum", `${hex4(bytes.getUint16(at + 6))} (not checked)`, at + 6, 2),
  ];
  const layer = { name: "UDP", summary: `${from} → ${to}, ${length} bytes`, fields, range: [at, at + 8] as const };
  return { layer, next: { proto: { type: "udp", value: to }, at: at + 8, end } };
}

/** ICMP (RFC 792). */
export function icmp(bytes: DataView, at: number, end: number): Parsed {
  if (at + 8 > end) return cut("ICMP", at, end, 8);
  const type = bytes.getUint8(at);
  return control("ICMP", bytes, at, end, { name: icmpName(type, bytes.getUint8(at + 1)), echo: type === 0 || type === 8 });
}

/** ICMPv6 (RFC 4443), with the target of neighbour discovery (RFC 4861). */
export function icmp6(bytes: DataView, at: number, end: number): Parsed {
  if (at + 8 > end) return cut("ICMPv6", at, end, 8);
  const type = bytes.getUint8(at);
  const parsed = control("ICMPv6", bytes, at, end, { name: icmp6Name(type, bytes.getUint8(at + 1)), echo: type === 128 || type === 129 });
  if ((type !== 135 && type !== 136) || at + 24 > end) return parsed;
  const fields = [...parsed.layer.fields, field("Target", ipv6Text(bytes, at + 8), at + 8, 16)];
  return { layer: { ...parsed.layer, fields, range: [at, at + 24] }, next: payloadAt(at + 24, end) };
}

function control(name: string, bytes: DataView, at: number, end: number, message: { name: string; echo: boolean }): Parsed {
  const fields = [
    field("Type", bytes.getUint8(at), at, 1),
    field("Code", bytes.getUint8(at + 1), at + 1, 1),
    field("Checksum", `${hex4(bytes.getUint16(at + 2))} (not checked)`, at + 2, 2),
  ];
  if (message.echo)
    fields.push(field("Identifier", bytes.getUint16(at + 4), at + 4, 2), field("Sequence", bytes.getUint16(at + 6), at + 6, 2));
  return { layer: { name, summary: message.name, fields, range: [at, at + 8] }, next: payloadAt(at + 8, end) };
}
