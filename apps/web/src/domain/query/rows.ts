import { RecordFlag, flowAt, recordAt, tunnelAt, type Labels } from "@sonde/protocol";
import { tunnelStart } from "../record.ts";
import type { AddressColumn, NumberColumn, RowKind } from "./fieldTypes.ts";

/** What is known of the host that a batch came from; a new object whenever any of it changes. */
export type HostFacts = {
  readonly id: string;
  readonly name: string;
  /** The effective ones. */
  readonly labels: Labels;
  /** Names by ifindex. */
  readonly interfaces: ReadonlyMap<number, string>;
};

/** Stands on one row of a batch that checkBatch has taken; one object for all of them, moved on by setting `at`. */
export type RowView = {
  view: DataView;
  /** Where the row begins. */
  at: number;
  host: HostFacts;
  /** Number(header.lastNs) of the batch: the age of a flow is reckoned from it. */
  writtenNs: number;
};

export type Reader = (row: RowView) => number;

const TAGGED = 0x1000;
const MAX_I32 = 0x7fff_ffff;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;

const u8 =
  (field: number): Reader =>
  ({ view, at }) =>
    view.getUint8(at + field);
const u16be =
  (field: number): Reader =>
  ({ view, at }) =>
    view.getUint16(at + field);
const u32 =
  (field: number): Reader =>
  ({ view, at }) =>
    view.getUint32(at + field, true);
const u64 =
  (field: number): Reader =>
  ({ view, at }) =>
    view.getUint32(at + field + 4, true) * 2 ** 32 + view.getUint32(at + field, true);
const flowTag =
  (field: number): Reader =>
  ({ view, at }) => {
    const tag = view.getUint16(at + field, true);
    return (tag & TAGGED) === 0 ? -1 : tag & 0xfff;
  };

/** How long before the batch was written, in whole milliseconds: as the column has it (store/encode-flows.ts). */
function ageMs(writtenNs: number, ns: number): number {
  return Math.min(MAX_I32, Math.max(0, Math.round((writtenNs - ns) / 1e6)));
}

const firstNs = u64(flowAt.firstNs);
const lastNs = u64(flowAt.lastNs);
const flowPort = u16be(flowAt.sportBe);
const absent: Reader = () => -1;

const flows: Readonly<Record<NumberColumn | "ifindex", Reader>> = {
  source_port: flowPort,
  destination_port: u16be(flowAt.dportBe),
  protocol: u8(flowAt.ipProto),
  tcp_flags: u8(flowAt.tcpFlags),
  vlan: flowTag(flowAt.vlan),
  vlan_inner: flowTag(flowAt.vlanInner),
  tunnel: u8(flowAt.tunnel),
  tunnel_id: u32(flowAt.tunnelId),
  direction: u8(flowAt.direction),
  verdict: u8(flowAt.verdict),
  malformed: absent,
  end_reason: u8(flowAt.endReason),
  bytes: u64(flowAt.bytes),
  packets: u64(flowAt.packets),
  frames: u64(flowAt.frames),
  duration: (row) => ageMs(row.writtenNs, firstNs(row)) - ageMs(row.writtenNs, lastNs(row)),
  wire_len: absent,
  family: ({ view, at }) => (view.getUint8(at + flowAt.family) === 4 ? 4 : 6),
  icmp_type: (row) => flowPort(row) >> 8,
  icmp_code: (row) => flowPort(row) & 0xff,
  ifindex: u32(flowAt.ifindex),
};

/** What a column of type "char" keeps of a byte: no value there is goes beyond (store/encode-packets.ts). */
const char =
  (field: number): Reader =>
  ({ view, at }) =>
    view.getUint8(at + field) & 0x7f;
const recordPort = u16be(recordAt.sportBe);
const etherType = u16be(recordAt.ethProtoBe);

const packets: Readonly<Record<NumberColumn | "ifindex", Reader>> = {
  source_port: recordPort,
  destination_port: u16be(recordAt.dportBe),
  protocol: u8(recordAt.ipProto),
  tcp_flags: u8(recordAt.tcpFlags),
  vlan: ({ view, at }) =>
    (view.getUint8(at + recordAt.flags) & RecordFlag.vlan) === 0 ? -1 : view.getUint16(at + recordAt.vlanTci, true) & 0xfff,
  vlan_inner: absent,
  tunnel: (row) => {
    const start = tunnelStart(row);
    return start === null ? 0 : row.view.getUint8(start + tunnelAt.type) & 0x7f;
  },
  tunnel_id: absent,
  direction: char(recordAt.direction),
  verdict: char(recordAt.verdict),
  malformed: char(recordAt.parseErr),
  end_reason: absent,
  bytes: absent,
  packets: absent,
  frames: absent,
  duration: absent,
  wire_len: ({ view, at }) => Math.min(MAX_I32, view.getUint32(at + recordAt.wireLen, true)),
  family: (row) => {
    const type = etherType(row);
    return type === IPV4 ? 4 : type === IPV6 ? 6 : 0;
  },
  icmp_type: (row) => recordPort(row) >> 8,
  icmp_code: (row) => recordPort(row) & 0xff,
  ifindex: u32(recordAt.ifindex),
};

/** Reads a column of a row on the wire; what a kind of row lacks is -1, and no field asks for it. */
export const numberReaders: Readonly<Record<RowKind, (column: NumberColumn | "ifindex") => Reader>> = {
  flows: (column) => flows[column],
  packets: (column) => packets[column],
};

/** Offset of an address within a row. */
export function addressReader(kind: RowKind, column: AddressColumn): number {
  const at = kind === "flows" ? flowAt : recordAt;
  return column === "source_address" ? at.saddr : at.daddr;
}
