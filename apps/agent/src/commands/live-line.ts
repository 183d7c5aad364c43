import { Direction, RECORD_HEADER_BYTES, RecordFlag, parseErrors, recordAt } from "@sonde/protocol";
import { addressText, beforeAddresses } from "../capture/address-text.ts";

const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd, arp: 0x0806 } as const;
const PROTO = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;
/** Bits of the TCP flags byte as tcpdump writes them (its print-tcp.c tcp_flag_values). */
const FLAG_LETTERS = [
  [0x01, "F"],
  [0x02, "S"],
  [0x04, "R"],
  [0x08, "P"],
  [0x20, "U"],
  [0x40, "E"],
  [0x80, "W"],
  [0x10, "."],
] as const;

export type LineOptions = {
  readonly interfaceName: (ifindex: number) => string;
  /** CLOCK_BOOTTIME ns to milliseconds since the epoch, and the microseconds beyond them. */
  readonly wallOf: (bootNs: bigint) => { readonly ms: number; readonly micros: number };
};

/**
 * One record (abi.h struct sonde_record and its bytes, at the start of the view) as a line in tcpdump's manner.
 * `length` is the payload's where the headers were captured, else the frame's, and says so.
 */
export function liveLine(record: DataView, { interfaceName, wallOf }: LineOptions): string {
  const direction = record.getUint8(recordAt.direction) === Direction.egress ? "Out" : "In ";
  const name = interfaceName(record.getUint32(recordAt.ifindex, true));
  const error = record.getUint8(recordAt.parseErr);
  const malformed = error === 0 ? "" : ` [malformed: ${(parseErrors[error] ?? String(error)).replaceAll("_", " ")}]`;
  return `${clockText(wallOf(record.getBigUint64(recordAt.tsNs, true)))} ${name} ${direction} ${vlans(record)}${body(record)}${malformed}`;
}

function clockText({ ms, micros }: { ms: number; micros: number }): string {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const fraction = String(at.getMilliseconds() * 1000 + micros).padStart(6, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${fraction}`;
}

function vlans(record: DataView): string {
  const flags = record.getUint8(recordAt.flags);
  const id = (at: number): number => record.getUint16(at, true) & 0xfff;
  const outer = (flags & RecordFlag.vlan) === 0 ? "" : `vlan ${id(recordAt.vlanTci)}, `;
  return (flags & RecordFlag.vlanInner) === 0 ? outer : `${outer}vlan ${id(recordAt.vlanInnerTci)}, `;
}

function body(record: DataView): string {
  const type = record.getUint16(recordAt.ethProtoBe);
  const frame = `frame length ${record.getUint32(recordAt.wireLen, true)}`;
  if (beforeAddresses.has(parseErrors[record.getUint8(recordAt.parseErr)])) return frame;
  if (type === ETHERTYPE.arp) return arp(record);
  if (type === ETHERTYPE.ipv4 || type === ETHERTYPE.ipv6) return ip(record, type === ETHERTYPE.ipv6 ? 6 : 4, frame);
  return `ethertype 0x${type.toString(16).padStart(4, "0")}, ${frame}`;
}

function arp(record: DataView): string {
  const from = addressText(record, recordAt.saddr, 4);
  const to = addressText(record, recordAt.daddr, 4);
  const operation = record.getUint16(recordAt.sportBe);
  if (operation === 1) return `ARP, Request who-has ${to} tell ${from}`;
  return operation === 2 ? `ARP, Reply ${from} to ${to}` : `ARP, operation ${operation}`;
}

function ip(record: DataView, family: 4 | 6, frame: string): string {
  const protocol = record.getUint8(recordAt.ipProto);
  const l4 = record.getUint16(recordAt.l4Off, true);
  const hasPorts = l4 !== 0 && (protocol === PROTO.tcp || protocol === PROTO.udp);
  const end = (address: number, port: number): string =>
    addressText(record, address, family) + (hasPorts ? `.${record.getUint16(port)}` : "");
  const ends = `${family === 6 ? "IP6" : "IP"} ${end(recordAt.saddr, recordAt.sportBe)} > ${end(recordAt.daddr, recordAt.dportBe)}: `;
  const fragment = (record.getUint8(recordAt.flags) & RecordFlag.fragment) === 0 ? "" : "fragment, ";
  return ends + fragment + transport(record, { protocol, l4, frame });
}

type Layer4 = { readonly protocol: number; readonly l4: number; readonly frame: string };

function transport(record: DataView, { protocol, l4, frame }: Layer4): string {
  if (l4 === 0) return `protocol ${protocol}, ${frame}`;
  if (protocol === PROTO.tcp) return tcp(record, l4, frame);
  if (protocol === PROTO.udp) {
    const length = capturedAt(record, l4, 8)?.getUint16(4);
    return length === undefined ? `UDP, ${frame}` : `UDP, length ${Math.max(0, length - 8)}`;
  }
  if (protocol === PROTO.icmp || protocol === PROTO.icmpv6) {
    const word = record.getUint16(recordAt.sportBe);
    return `${protocol === PROTO.icmp ? "ICMP" : "ICMP6"}, type ${word >> 8}, code ${word & 255}, ${frame}`;
  }
  return `protocol ${protocol}, ${frame}`;
}

function tcp(record: DataView, l4: number, frame: string): string {
  const bits = record.getUint8(recordAt.tcpFlags);
  const letters = FLAG_LETTERS.map(([bit, letter]) => ((bits & bit) === 0 ? "" : letter)).join("");
  const flags = `Flags [${letters === "" ? "none" : letters}]`;
  const header = capturedAt(record, l4, 20);
  if (header === null) return `${flags}, ${frame}`;
  const payload = Math.max(0, ipEnd(record) - l4 - (header.getUint8(12) >> 4) * 4);
  const seq = header.getUint32(4);
  const range = payload === 0 ? String(seq) : `${seq}:${(seq + payload) >>> 0}`;
  const ack = (bits & 0x10) === 0 ? "" : `, ack ${header.getUint32(8)}`;
  return `${flags}, seq ${range}${ack}, win ${header.getUint16(14)}, length ${payload}`;
}

/** Offset in the frame at which the IP packet ends; short frames are padded behind it. */
function ipEnd(record: DataView): number {
  const l3 = record.getUint16(recordAt.l3Off, true);
  const aside = (record.getUint8(recordAt.flags) & RecordFlag.vlanMeta) === 0 ? 0 : 4;
  const frameEnd = record.getUint32(recordAt.wireLen, true) - aside;
  const v6 = record.getUint16(recordAt.ethProtoBe) === ETHERTYPE.ipv6;
  const said = capturedAt(record, l3, 6)?.getUint16(v6 ? 4 : 2) ?? 0;
  // 0 in a frame that is yet to be segmented (BIG TCP).
  return said === 0 ? frameEnd : Math.min(frameEnd, l3 + said + (v6 ? 40 : 0));
}

/** The captured bytes from an offset in the frame on, or null when fewer than `size` were captured. */
function capturedAt(record: DataView, offset: number, size: number): DataView | null {
  if (offset + size > record.getUint16(recordAt.capLen, true)) return null;
  return new DataView(record.buffer, record.byteOffset + RECORD_HEADER_BYTES + offset, size);
}
