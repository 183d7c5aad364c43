import { parseErrors, protoClasses } from "@sonde/protocol";
import { endpointText, macText } from "./address.ts";
import { etherTypeName, icmp6Name, icmpName, ipProtocolName, tcpFlagNames } from "./names.ts";
import * as rec from "./record.ts";
import type { RecordRef } from "./record.ts";
import { summariseTunnel } from "./tunnel.ts";

/** Hues of docs/design.md; also the groups of the charts. */
export const protoGroups = ["tcp", "udp", "icmp", "ip", "arp", "other"] as const;
export type ProtoGroup = (typeof protoGroups)[number];

/** Group of each protocol class, in wire order (abi.h: enum sonde_proto). */
export const groupOfClass: readonly ProtoGroup[] = ["tcp", "udp", "icmp", "ip", "tcp", "udp", "icmp", "ip", "arp", "other"];

/** Every protocol class, by its number on the wire. */
export const allClasses: readonly number[] = protoClasses.map((_, index) => index);

/** What one row of the packet list says. */
export type Summary = {
  readonly group: ProtoGroup;
  readonly protocol: string;
  readonly source: string;
  readonly destination: string;
  /** Kind and id of the tunnel, whose packet inside `info` then begins with; null without one. */
  readonly tunnel: string | null;
  readonly info: string;
};

const IPV4 = 0x0800;
const ARP = 0x0806;
const IPV6 = 0x86dd;

/** One record in words: who, to whom, what. Every offset a peer controls is checked against the captured bytes. */
export function summarise(r: RecordRef): Summary {
  const group = groupOfClass[rec.protoClass(r)] ?? "other";
  const ends = endpoints(r);
  const { protocol, info } = words(r);
  const tunnel = summariseTunnel(r);
  const said = tunnel === null ? info : tunnel.carries;
  return {
    group,
    protocol,
    source: ends[0],
    destination: ends[1],
    tunnel: tunnel?.name ?? null,
    info: `${vlanText(r)}${malformed(r)}${said}`,
  };
}

/** The info of a row with its tunnel. */
export const infoOf = (s: Summary): string => (s.tunnel === null ? s.info : `${s.tunnel} · ${s.info}`);

/** The row in one line, as a screen reader or a clipboard gets it. */
export function lineOf(s: Summary): string {
  return `${s.protocol} ${s.source} → ${s.destination} ${infoOf(s)}`.trimEnd();
}

function endpoints(r: RecordRef): [string, string] {
  const from = rec.source(r);
  const to = rec.destination(r);
  if (from === null || to === null || unparsed(r, from, to)) return macs(r);
  const ports = hasPorts(r);
  return [endpointText(from, ports ? rec.sport(r) : null), endpointText(to, ports ? rec.dport(r) : null)];
}

/** True when parsing failed before the addresses were read: they are still zero. */
function unparsed(r: RecordRef, from: string, to: string): boolean {
  return rec.parseErr(r) !== 0 && from === to && (from === "0.0.0.0" || from === "::");
}

function hasPorts(r: RecordRef): boolean {
  const proto = rec.ipProto(r);
  return rec.ethProto(r) !== ARP && rec.l4Off(r) > 0 && (proto === 6 || proto === 17 || proto === 132) && !rec.hasFlag(r, "laterFragment");
}

function macs(r: RecordRef): [string, string] {
  const bytes = rec.captured(r);
  if (rec.hasFlag(r, "l3") || bytes.byteLength < 12) return ["–", "–"];
  return [macText(bytes, 6), macText(bytes, 0)];
}

function words(r: RecordRef): { protocol: string; info: string } {
  const type = rec.ethProto(r);
  if (type === ARP) return { protocol: "ARP", info: arpInfo(r) };
  if (type !== IPV4 && type !== IPV6) return { protocol: etherTypeName(type), info: "" };
  const proto = rec.ipProto(r);
  const protocol = ipProtocolName(proto);
  if (rec.hasFlag(r, "laterFragment")) return { protocol, info: "fragment" };
  const fragment = rec.hasFlag(r, "fragment") ? "first fragment " : "";
  if (rec.l4Off(r) === 0) return { protocol, info: fragment.trimEnd() };
  switch (proto) {
    case 1:
      return { protocol, info: `${fragment}${icmpName(rec.sport(r) >> 8, rec.sport(r) & 0xff)}${echo(r, [0, 8])}` };
    case 58:
      return { protocol, info: `${fragment}${icmp6Name(rec.sport(r) >> 8, rec.sport(r) & 0xff)}${echo(r, [128, 129])}` };
    case 6:
      return { protocol, info: `${fragment}${tcpInfo(r)}` };
    case 17:
      return { protocol, info: `${fragment}${lengthText(payloadLength(r, 8))}` };
    default:
      return { protocol, info: fragment.trimEnd() };
  }
}

function tcpInfo(r: RecordRef): string {
  const bytes = rec.captured(r);
  const at = rec.l4Off(r);
  const flags = `[${tcpFlagNames(rec.tcpFlags(r))}]`;
  if (at + 16 > bytes.byteLength) return flags;
  const ack = (rec.tcpFlags(r) & 0x10) === 0 ? "" : ` ack ${bytes.getUint32(at + 8)}`;
  const header = (bytes.getUint8(at + 12) >> 4) * 4;
  return `${flags} seq ${bytes.getUint32(at + 4)}${ack} win ${bytes.getUint16(at + 14)} ${lengthText(payloadLength(r, header))}`;
}

function lengthText(length: number | null): string {
  return length === null ? "" : `len ${length}`;
}

/**
 * Bytes after an L4 header of `header` bytes. The IP header's length excludes Ethernet padding; it is
 * 0 on frames above 64 KiB (BIG TCP), where the frame's length decides.
 */
function payloadLength(r: RecordRef, header: number): number | null {
  const bytes = rec.captured(r);
  const l3 = rec.l3Off(r);
  const l4 = rec.l4Off(r);
  const v4 = rec.ethProto(r) === IPV4;
  if (l3 + 6 > bytes.byteLength) return null;
  const declared = bytes.getUint16(v4 ? l3 + 2 : l3 + 4);
  const total = declared === 0 ? rec.wireLen(r) - l3 - (rec.hasFlag(r, "vlanMeta") ? 4 : 0) : v4 ? declared : declared + 40;
  const length = total - (l4 - l3) - header;
  return length < 0 ? null : length;
}

function echo(r: RecordRef, types: readonly number[]): string {
  if (!types.includes(rec.sport(r) >> 8)) return "";
  const bytes = rec.captured(r);
  const at = rec.l4Off(r) + 6;
  return ` id ${rec.dport(r)}${at + 2 <= bytes.byteLength ? ` seq ${bytes.getUint16(at)}` : ""}`;
}

function arpInfo(r: RecordRef): string {
  const sender = rec.source(r) ?? "–";
  const target = rec.destination(r) ?? "–";
  if (rec.sport(r) === 1) return sender === target ? `announces ${sender}` : `who-has ${target} tell ${sender}`;
  if (rec.sport(r) !== 2) return `opcode ${rec.sport(r)}`;
  const bytes = rec.captured(r);
  const mac = rec.l3Off(r) + 8;
  return mac + 6 <= bytes.byteLength ? `${sender} is-at ${macText(bytes, mac)}` : `reply from ${sender}`;
}

function vlanText(r: RecordRef): string {
  if (!rec.hasFlag(r, "vlan")) return "";
  const inner = rec.hasFlag(r, "vlanInner") ? `.${rec.vlanInnerTci(r) & 0xfff}` : "";
  return `vlan ${rec.vlanTci(r) & 0xfff}${inner} `;
}

function malformed(r: RecordRef): string {
  const error = rec.parseErr(r);
  return error === 0 ? "" : `malformed: ${(parseErrors[error] ?? `error ${error}`).replaceAll("_", " ")} `;
}
