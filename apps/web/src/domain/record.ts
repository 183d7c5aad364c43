import { RECORD_HEADER_BYTES, RecordFlag, TUNNEL_BYTES, recordAt } from "@sonde/protocol";
import { ipv4Text, ipv6Text } from "./address.ts";

/** One record inside a batch that checkBatch has accepted. Getters read the wire bytes; nothing is copied. */
export type RecordRef = { readonly view: DataView; readonly at: number };

const u8 = (r: RecordRef, field: number): number => r.view.getUint8(r.at + field);
const u16 = (r: RecordRef, field: number): number => r.view.getUint16(r.at + field, true);
const u32 = (r: RecordRef, field: number): number => r.view.getUint32(r.at + field, true);
const u16be = (r: RecordRef, field: number): number => r.view.getUint16(r.at + field);

export const recLen = (r: RecordRef): number => u16(r, recordAt.recLen);
export const capLen = (r: RecordRef): number => u16(r, recordAt.capLen);
export const wireLen = (r: RecordRef): number => u32(r, recordAt.wireLen);
/** CLOCK_BOOTTIME, ns. */
export const tsNs = (r: RecordRef): bigint => r.view.getBigUint64(r.at + recordAt.tsNs, true);
export const ifindex = (r: RecordRef): number => u32(r, recordAt.ifindex);
export const sampleN = (r: RecordRef): number => u32(r, recordAt.sampleN);
export const direction = (r: RecordRef): number => u8(r, recordAt.direction);
export const hook = (r: RecordRef): number => u8(r, recordAt.hook);
export const parseErr = (r: RecordRef): number => u8(r, recordAt.parseErr);
export const ipProto = (r: RecordRef): number => u8(r, recordAt.ipProto);
export const tcpFlags = (r: RecordRef): number => u8(r, recordAt.tcpFlags);
export const flags = (r: RecordRef): number => u8(r, recordAt.flags);
export const protoClass = (r: RecordRef): number => u8(r, recordAt.proto);
export const sport = (r: RecordRef): number => u16be(r, recordAt.sportBe);
export const dport = (r: RecordRef): number => u16be(r, recordAt.dportBe);
export const ethProto = (r: RecordRef): number => u16be(r, recordAt.ethProtoBe);
export const vlanTci = (r: RecordRef): number => u16(r, recordAt.vlanTci);
export const vlanInnerTci = (r: RecordRef): number => u16(r, recordAt.vlanInnerTci);
export const gsoSegs = (r: RecordRef): number => u16(r, recordAt.gsoSegs);
export const l3Off = (r: RecordRef): number => u16(r, recordAt.l3Off);
export const l4Off = (r: RecordRef): number => u16(r, recordAt.l4Off);
export const hasFlag = (r: RecordRef, flag: keyof typeof RecordFlag): boolean => (flags(r) & RecordFlag[flag]) !== 0;

/** A view over exactly the captured bytes. */
export function captured(r: RecordRef): DataView {
  return new DataView(r.view.buffer, r.view.byteOffset + r.at + RECORD_HEADER_BYTES, capLen(r));
}

/** Where in the record's view the trailer of a tunnel lies (abi.h struct sonde_tunnel: its last 48 bytes); null without one. */
export function tunnelStart(r: RecordRef): number | null {
  return hasFlag(r, "tunnel") && recLen(r) >= RECORD_HEADER_BYTES + TUNNEL_BYTES ? r.at + recLen(r) - TUNNEL_BYTES : null;
}

/** A copy that outlives its batch: for a record on which someone works while the ring moves on. */
export function detach(r: RecordRef): RecordRef {
  const from = r.view.byteOffset + r.at;
  return { view: new DataView(r.view.buffer.slice(from, from + recLen(r))), at: 0 };
}

const IPV4 = 0x0800;
const ARP = 0x0806;
const IPV6 = 0x86dd;

/** Text of an address field; null when the frame carries no address the kernel parsed. */
function address(r: RecordRef, field: number): string | null {
  const type = ethProto(r);
  if (type === IPV4 || type === ARP) return ipv4Text(r.view, r.at + field);
  return type === IPV6 ? ipv6Text(r.view, r.at + field) : null;
}
export const source = (r: RecordRef): string | null => address(r, recordAt.saddr);
export const destination = (r: RecordRef): string | null => address(r, recordAt.daddr);
