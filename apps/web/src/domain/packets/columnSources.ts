import { analysisFields } from "../dissect/tcp/flags.ts";
import { Has, type HeaderPlace } from "./headerIndex.ts";
import { ipEnd } from "./segments.ts";
import type { PacketTable } from "./table.ts";

/** A field's value, of rows whose headers are sure; `has` are the bits one of which it needs. */
export type NumberSource = { readonly has: number; readonly read: (row: number, table: PacketTable) => number };
/** An address: in a column, or so many bytes behind where its header begins. */
export type AddressSource =
  | { readonly has: number; readonly family: 4; readonly column: "source" | "destination" }
  | { readonly has: number; readonly family: 6; readonly offset: number };

const ip = Has.ip | Has.ipv6;
/** Straight from the bytes: to look at those of every packet takes much longer than to look at a column. */
const bytes =
  (read: (place: Readonly<HeaderPlace>) => number): NumberSource["read"] =>
  (row, table) =>
    read(table.headersOf(row));
const net8 = (offset: number) => bytes(({ view, at, network }) => view.getUint8(at + network + offset));
const net16 = (offset: number) => bytes(({ view, at, network }) => view.getUint16(at + network + offset));
const trans8 = (offset: number) => bytes(({ view, at, transport }) => view.getUint8(at + transport + offset));
const trans16 = (offset: number) => bytes(({ view, at, transport }) => view.getUint16(at + transport + offset));
const trans32 = (offset: number) => bytes(({ view, at, transport }) => view.getUint32(at + transport + offset));
const one = (has: number, read: NumberSource["read"]): readonly NumberSource[] => [{ has, read }];

const flags: NumberSource["read"] = (row, { columns }) => columns.flags[row] ?? 0;
const flag = (shift: number): readonly NumberSource[] => one(Has.tcp, (row, { columns }) => ((columns.flags[row] ?? 0) >> shift) & 1);
const sourcePort: NumberSource["read"] = (row, { columns }) => columns.sourcePort[row] ?? 0;
const destinationPort: NumberSource["read"] = (row, { columns }) => columns.destinationPort[row] ?? 0;
const ports = (has: number): readonly NumberSource[] => [...one(has, sourcePort), ...one(has, destinationPort)];
const transports = Has.tcp | Has.udp;

/** Bytes behind the TCP header, as IP says. */
const tcpLength = bytes(
  ({ view, at, network, transport }) => ipEnd(view, at, network) - transport - (view.getUint8(at + transport + 12) >> 4) * 4,
);

const facts = (column: "stream" | "seq" | "ack" | "nextSeq" | "window") => one(Has.tcp, (row, { columns }) => columns[column][row] ?? -1);

/** By field. Where a field is not listed its packets are taken apart. */
export const numberSources: Readonly<Record<string, readonly NumberSource[]>> = {
  "eth.type": one(
    Has.ethernet,
    bytes(({ view, at }) => view.getUint16(at + 12)),
  ),
  "vlan.id": one(
    Has.vlan,
    bytes(({ view, at }) => view.getUint16(at + 14) & 0xfff),
  ),
  "arp.opcode": one(Has.arp, net16(6)),
  "ip.version": one(
    ip,
    bytes(({ view, at, network }) => view.getUint8(at + network) >> 4),
  ),
  "ip.proto": [
    { has: Has.ip, read: net8(9) },
    { has: Has.ipv6, read: net8(6) },
  ],
  "ip.ttl": one(Has.ip, net8(8)),
  "ip.len": one(Has.ip, net16(2)),
  "ip.id": one(Has.ip, net16(4)),
  "ipv6.nxt": one(Has.ipv6, net8(6)),
  "ipv6.hlim": one(Has.ipv6, net8(7)),
  "ipv6.plen": one(Has.ipv6, net16(4)),
  port: ports(transports),
  srcport: one(transports, sourcePort),
  dstport: one(transports, destinationPort),
  "tcp.port": ports(Has.tcp),
  "tcp.srcport": one(Has.tcp, sourcePort),
  "tcp.dstport": one(Has.tcp, destinationPort),
  "tcp.seq_raw": one(Has.tcp, trans32(4)),
  "tcp.ack_raw": one(Has.tcp, trans32(8)),
  "tcp.window_size_value": one(Has.tcp, trans16(14)),
  "tcp.len": one(Has.tcp, tcpLength),
  "tcp.stream": facts("stream"),
  "tcp.seq": facts("seq"),
  "tcp.ack": facts("ack"),
  "tcp.nxtseq": facts("nextSeq"),
  "tcp.window_size": facts("window"),
  "tcp.flags": one(Has.tcp, flags),
  "tcp.flags.fin": flag(0),
  "tcp.flags.syn": flag(1),
  "tcp.flags.reset": flag(2),
  "tcp.flags.push": flag(3),
  "tcp.flags.ack": flag(4),
  "tcp.flags.urg": flag(5),
  "tcp.flags.ece": flag(6),
  "tcp.flags.cwr": flag(7),
  "udp.port": ports(Has.udp),
  "udp.srcport": one(Has.udp, sourcePort),
  "udp.dstport": one(Has.udp, destinationPort),
  "udp.length": one(Has.udp, trans16(4)),
  "icmp.type": one(Has.icmp, trans8(0)),
  "icmp.code": one(Has.icmp, trans8(1)),
  "icmpv6.type": one(Has.icmpv6, trans8(0)),
  "icmpv6.code": one(Has.icmpv6, trans8(1)),
};

const source4: AddressSource = { has: Has.ip, family: 4, column: "source" };
const destination4: AddressSource = { has: Has.ip, family: 4, column: "destination" };
const source6: AddressSource = { has: Has.ipv6, family: 6, offset: 8 };
const destination6: AddressSource = { has: Has.ipv6, family: 6, offset: 24 };

export const addressSources: Readonly<Record<string, readonly AddressSource[]>> = {
  "ip.addr": [source4, destination4, source6, destination6],
  "ip.src": [source4, source6],
  "ip.dst": [destination4, destination6],
  "ipv6.addr": [source6, destination6],
  "ipv6.src": [source6],
  "ipv6.dst": [destination6],
};

/** Offsets within the frame. */
export const macSources: Readonly<Record<string, readonly number[]>> = {
  "eth.addr": [6, 0],
  "eth.src": [6],
  "eth.dst": [0],
};

/** Bits of StreamFacts.analysis one of which a field needs. */
export const analysisBits: ReadonlyMap<string, number> = new Map([
  ["tcp.analysis", -1],
  ["tcp.analysis.flags", -1],
  ...analysisFields.map(({ bit: mask, field }) => [field.name, mask] as const),
]);

/** Protocols that `Has` tells of, and nobody else's fields begin with their names. */
export const protocolBits: Readonly<Record<string, number>> = {
  eth: Has.ethernet,
  vlan: Has.vlan,
  arp: Has.arp,
  ip: Has.ip,
  ipv6: Has.ipv6,
  tcp: Has.tcp,
  udp: Has.udp,
  icmp: Has.icmp,
  icmpv6: Has.icmpv6,
};
