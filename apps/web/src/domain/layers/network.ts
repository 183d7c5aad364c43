import { ipv4Text, ipv6Text } from "../address.ts";
import { ipProtocolName } from "../names.ts";
import { cut, field, payloadAt } from "./types.ts";
import type { Next, Parsed } from "./types.ts";

/** IPv4 (RFC 791). The total length, when sane, ends the packet before Ethernet padding. */
export function ipv4(bytes: DataView, at: number, end: number): Parsed {
  if (at + 20 > end) return cut("IPv4", at, end, 20);
  const ihl = (bytes.getUint8(at) & 0x0f) * 4;
  const total = bytes.getUint16(at + 2);
  const fragment = bytes.getUint16(at + 6);
  const offset = (fragment & 0x1fff) * 8;
  const protocol = bytes.getUint8(at + 9);
  const source = ipv4Text(bytes, at + 12);
  const destination = ipv4Text(bytes, at + 16);
  const fields = [
    field("Version", bytes.getUint8(at) >> 4, at, 1),
    field("Header length", `${ihl} bytes${ihl < 20 ? " (malformed)" : ""}`, at, 1),
    field("DSCP", bytes.getUint8(at + 1) >> 2, at + 1, 1),
    field("ECN", ["not ECN-capable", "ECT(1)", "ECT(0)", "congestion experienced"][bytes.getUint8(at + 1) & 3] ?? "", at + 1, 1),
    field("Total length", `${total} bytes`, at + 2, 2),
    field(
      "Identification",
      `0x${bytes
        .getUint16(at + 4)
        .toString(16)
        .padStart(4, "0")}`,
      at + 4,
      2,
    ),
    field("Flags", fragmentFlags(fragment), at + 6, 2),
    field("Fragment offset", offset, at + 6, 2),
    field("TTL", bytes.getUint8(at + 8), at + 8, 1),
    field("Protocol", `${ipProtocolName(protocol)} (${protocol})`, at + 9, 1),
    field(
      "Header checksum",
      `0x${bytes
        .getUint16(at + 10)
        .toString(16)
        .padStart(4, "0")} (not checked)`,
      at + 10,
      2,
    ),
    field("Source", source, at + 12, 4),
    field("Destination", destination, at + 16, 4),
  ];
  const head = Math.max(20, ihl);
  if (head > 20) fields.push(field("Options", `${head - 20} bytes`, at + 20, Math.min(head, end - at) - 20));
  const stop = total >= head ? Math.min(end, at + total) : end;
  const layer = { name: "IPv4", summary: `${source} → ${destination}`, fields, range: [at, Math.min(end, at + head)] as const };
  return { layer, next: after(protocol, offset > 0, at + head, stop) };
}

function fragmentFlags(value: number): string {
  const names = [(value & 0x4000) !== 0 ? "don't fragment" : "", (value & 0x2000) !== 0 ? "more fragments" : ""].filter(Boolean);
  return names.length === 0 ? "none" : names.join(", ");
}

function after(protocol: number, later: boolean, at: number, end: number): Next {
  if (at > end) return { proto: { type: "none" }, at: end, end };
  return later ? payloadAt(at, end) : { proto: { type: "ip", value: protocol }, at, end };
}

/** The fixed IPv6 header (RFC 8200 section 3). */
export function ipv6(bytes: DataView, at: number, end: number): Parsed {
  if (at + 40 > end) return cut("IPv6", at, end, 40);
  const first = bytes.getUint32(at);
  const length = bytes.getUint16(at + 4);
  const next = bytes.getUint8(at + 6);
  const source = ipv6Text(bytes, at + 8);
  const destination = ipv6Text(bytes, at + 24);
  const fields = [
    field("Version", first >>> 28, at, 1),
    field("Traffic class", (first >>> 20) & 0xff, at, 2),
    field("Flow label", `0x${(first & 0xfffff).toString(16).padStart(5, "0")}`, at + 1, 3),
    field("Payload length", `${length} bytes`, at + 4, 2),
    field("Next header", `${ipProtocolName(next)} (${next})`, at + 6, 1),
    field("Hop limit", bytes.getUint8(at + 7), at + 7, 1),
    field("Source", source, at + 8, 16),
    field("Destination", destination, at + 24, 16),
  ];
  const layer = { name: "IPv6", summary: `${source} → ${destination}`, fields, range: [at, at + 40] as const };
  const stop = length > 0 ? Math.min(end, at + 40 + length) : end;
  return { layer, next: after(next, false, at + 40, stop) };
}

/** Hop-by-hop, routing and destination options: next header, length in 8-byte units less one (RFC 8200 section 4). */
export function ipv6Extension(name: string): (bytes: DataView, at: number, end: number) => Parsed {
  return (bytes, at, end) => {
    if (at + 8 > end) return cut(name, at, end, 8);
    const next = bytes.getUint8(at);
    const length = (bytes.getUint8(at + 1) + 1) * 8;
    const fields = [field("Next header", ipProtocolName(next), at, 1), field("Length", `${length} bytes`, at + 1, 1)];
    const layer = { name, summary: `${length} bytes`, fields, range: [at, Math.min(end, at + length)] as const };
    return { layer, next: after(next, false, at + length, end) };
  };
}

/** IPv6 fragment header (RFC 8200 section 4.5). */
export function ipv6Fragment(bytes: DataView, at: number, end: number): Parsed {
  if (at + 8 > end) return cut("IPv6 fragment", at, end, 8);
  const next = bytes.getUint8(at);
  const offset = bytes.getUint16(at + 2) & 0xfff8;
  const more = (bytes.getUint16(at + 2) & 1) === 1;
  const fields = [
    field("Next header", ipProtocolName(next), at, 1),
    field("Fragment offset", offset, at + 2, 2),
    field("More fragments", more ? "yes" : "no", at + 3, 1),
    field(
      "Identification",
      `0x${bytes
        .getUint32(at + 4)
        .toString(16)
        .padStart(8, "0")}`,
      at + 4,
      4,
    ),
  ];
  const layer = { name: "IPv6 fragment", summary: `offset ${offset}`, fields, range: [at, at + 8] as const };
  return { layer, next: after(next, offset > 0, at + 8, end) };
}
