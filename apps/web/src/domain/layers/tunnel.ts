import { etherTypeName } from "../names.ts";
import { cut, field, payloadAt } from "./types.ts";
import type { LayerField, LayerParser, Next, Parsed } from "./types.ts";

/** Transparent Ethernet bridging: a whole frame follows (RFC 1701). */
export const BRIDGED = 0x6558;

/** VXLAN (RFC 7348) and Geneve (RFC 8926), by the destination port of UDP. */
export const byUdpPort: Readonly<Record<number, LayerParser>> = { 4789: vxlan, 6081: geneve };

const carries = (value: number, at: number, end: number): Next =>
  at > end ? { proto: { type: "none" }, at: end, end } : { proto: { type: "ethertype", value }, at, end };

function vxlan(bytes: DataView, at: number, end: number): Parsed {
  if (at + 8 > end) return cut("VXLAN", at, end, 8);
  const valid = (bytes.getUint8(at) & 0x08) !== 0;
  const vni = bytes.getUint32(at + 4) >>> 8;
  const fields = [
    field("Flags", valid ? "I (the network identifier is valid)" : "I is missing (malformed)", at, 1),
    field("Network identifier", vni, at + 4, 3),
  ];
  const layer = { name: "VXLAN", summary: `network ${vni}`, fields, range: [at, at + 8] as const };
  return { layer, next: valid ? carries(BRIDGED, at + 8, end) : payloadAt(at + 8, end) };
}

function geneve(bytes: DataView, at: number, end: number): Parsed {
  if (at + 8 > end) return cut("Geneve", at, end, 8);
  const version = bytes.getUint8(at) >> 6;
  const options = (bytes.getUint8(at) & 0x3f) * 4;
  const flags = bytes.getUint8(at + 1);
  const type = bytes.getUint16(at + 2);
  const vni = bytes.getUint32(at + 4) >>> 8;
  const letters = [flags & 0x80 ? "O (control)" : "", flags & 0x40 ? "C (critical options)" : ""].filter(Boolean).join(", ");
  const head = at + 8 + options;
  const fields = [
    field("Version", version, at, 1),
    field("Flags", letters === "" ? "none" : letters, at + 1, 1),
    field("Protocol", etherTypeName(type), at + 2, 2),
    field("Network identifier", vni, at + 4, 3),
  ];
  if (options > 0) fields.push(field("Options", `${options} bytes`, at + 8, Math.min(head, end) - at - 8));
  const layer = { name: "Geneve", summary: `network ${vni}`, fields, range: [at, Math.min(end, head)] as const };
  return { layer, next: version === 0 ? carries(type, head, end) : payloadAt(at + 8, end) };
}

/** Optional words of GRE, in their order (RFC 2784, RFC 2890). */
const greWords = [
  { bit: 0x8000, name: "Checksum" },
  { bit: 0x2000, name: "Key" },
  { bit: 0x1000, name: "Sequence number" },
] as const;
const GRE_ROUTING_OR_VERSION = 0x4007;

/** GRE of version 0 and without routing; of others the first four bytes. */
export function gre(bytes: DataView, at: number, end: number): Parsed {
  if (at + 4 > end) return cut("GRE", at, end, 4);
  const flags = bytes.getUint16(at);
  const type = bytes.getUint16(at + 2);
  const plain = (flags & GRE_ROUTING_OR_VERSION) === 0;
  const words = plain ? greWords.filter(({ bit }) => (flags & bit) !== 0) : [];
  const head = at + 4 + 4 * words.length;
  if (head > end) return cut("GRE", at, end, head - at);
  const values = words.map(({ name }, i): LayerField => {
    const from = at + 4 + 4 * i;
    return name === "Checksum"
      ? field(name, `0x${bytes.getUint16(from).toString(16).padStart(4, "0")} (not checked)`, from, 2)
      : field(name, bytes.getUint32(from), from, 4);
  });
  const fields = [field("Version", flags & 7, at + 1, 1), field("Protocol", etherTypeName(type), at + 2, 2), ...values];
  const layer = { name: "GRE", summary: etherTypeName(type), fields, range: [at, head] as const };
  return { layer, next: plain ? carries(type, head, end) : payloadAt(head, end) };
}
