import type { Cursor } from "../../cursor.ts";
import { protocol } from "../../fields.ts";
import type { Node } from "../../tree.ts";
import type { Context, Dissector } from "../../types.ts";
import { dnsFields, header, sections } from "./fields.ts";
import { opcodes, replyCodes } from "./names.ts";
import { namesFrom } from "./name.ts";
import { readQuestions, readRecords } from "./records.ts";

/** Longest line for the list. */
const MAX_INFO = 400;
const UPDATE = 5;

type Kind = "DNS" | "MDNS" | "LLMNR";

const dissector = (name: string, label: string, kind: Kind): Dissector => ({
  layer: protocol(name, label),
  fields: dnsFields,
  read(cursor, layer, context) {
    readMessage(cursor, layer, context, kind);
    return null;
  },
});

/** RFC 1035 4.1, over UDP. */
export const dns = dissector("dns", "Domain Name System", "DNS");
/** RFC 6762. */
export const mdns = dissector("mdns", "Multicast Domain Name System", "MDNS");
/** RFC 4795. */
export const llmnr = dissector("llmnr", "Link-local Multicast Name Resolution", "LLMNR");

/** RFC 1035 4.2.2: each message behind its length; the last may go on in later segments. */
export const dnsOverTcp: Dissector = {
  layer: dns.layer,
  fields: dnsFields,
  read(cursor, layer, context) {
    if (cursor.wireEnd - cursor.at < 2) return { dissector: context.tables.data, at: cursor.at, end: cursor.end, wireEnd: cursor.wireEnd };
    const length = cursor.u16(header.length);
    cursor.within(Math.min(length, cursor.wireEnd - cursor.at), () => {
      readMessage(cursor, layer, context, "DNS");
      cursor.at = cursor.end;
    });
    const rest = cursor.wireEnd - cursor.at;
    return rest < 2 ? null : { dissector: dnsOverTcp, at: cursor.at, end: cursor.end, wireEnd: cursor.wireEnd };
  },
};

function readMessage(cursor: Cursor, layer: Node, context: Context, kind: Kind): void {
  context.protocol = kind;
  const start = cursor.at;
  const id = cursor.u16(header.id);
  const flags = cursor.peek16();
  const [response, opcode, replyCode] = [flags >> 15 === 1, (flags >> 11) & 15, flags & 15];
  layer.summary = response ? "response" : "query";
  let info = `${opcodes.get(opcode) ?? `Unknown operation (${opcode})`}${response ? " response" : ""} 0x${id.toString(16).padStart(4, "0")}`;
  if (response && replyCode !== 0) info += ` ${replyCodes.get(replyCode) ?? `Unknown error (${replyCode})`}`;
  context.info = info;
  const say = (words: string): void => {
    if (context.info.length < MAX_INFO) context.info += ` ${words}`;
  };
  readFlags(cursor, flags, kind);
  const update = opcode === UPDATE;
  const queries = cursor.u16(update ? header.zones : header.queries);
  const answers = cursor.u16(update ? header.prerequisites : header.answers);
  const authority = cursor.u16(update ? header.updates : header.authority);
  const additional = cursor.u16(header.additional);
  const message = { names: namesFrom(start), multicast: kind === "MDNS", say };
  readQuestions(cursor, update ? sections.zones : sections.queries, queries, message);
  readRecords(cursor, update ? sections.prerequisites : sections.answers, answers, message);
  readRecords(cursor, update ? sections.updates : sections.authority, authority, message);
  readRecords(cursor, sections.additional, additional, message);
}

function readFlags(cursor: Cursor, flags: number, kind: Kind): void {
  const bit = (at: number): number => (flags >> at) & 1;
  const response = bit(15) === 1;
  cursor.parts(header.flags, flags, 2, () => {
    cursor.bits(header.response, bit(15), 2);
    cursor.bits(header.opcode, (flags >> 11) & 15, 2);
    if (kind === "LLMNR") {
      cursor.bits(header.conflict, bit(10), 2);
      cursor.bits(header.truncated, bit(9), 2);
      cursor.bits(header.tentative, bit(8), 2);
    } else {
      if (response) cursor.bits(header.authoritative, bit(10), 2);
      cursor.bits(header.truncated, bit(9), 2);
      cursor.bits(header.recursionDesired, bit(8), 2);
      if (response) cursor.bits(header.recursionAvailable, bit(7), 2);
      cursor.bits(header.z, bit(6), 2);
      if (response || bit(5) === 1) cursor.bits(header.authenticated, bit(5), 2);
      cursor.bits(header.checkingDisabled, bit(4), 2);
    }
    if (response) cursor.bits(header.replyCode, flags & 15, 2);
  });
}

/** A message on a port that says nothing: whole, an ordinary query or answer to one, its first name a name. */
export function looksLikeDns(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 17) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, end - at);
  const flags = view.getUint16(2);
  const [queries, answers, authority, additional] = [view.getUint16(4), view.getUint16(6), view.getUint16(8), view.getUint16(10)];
  const response = flags >> 15 === 1;
  if ((flags & 0x7840) !== 0 || queries !== 1 || additional > 10) return false;
  if (response ? answers > 100 || authority > 10 : answers !== 0 || authority !== 0) return false;
  if (isNetbiosName(bytes.subarray(at + 12, at + 45))) return false;
  let next = 12;
  for (;;) {
    if (next >= view.byteLength) return false;
    const length = view.getUint8(next++);
    if (length === 0) break;
    if (length > 63) return false;
    next += length;
  }
  if (next + 4 > view.byteLength) return false;
  const [type, number] = [view.getUint16(next), view.getUint16(next + 2)];
  return type > 0 && type <= 260 && (number === 1 || number === 3 || number === 255);
}

/** A first label of 32 letters from A to P: the NetBIOS name service, whose messages are much like these (RFC 1001 14.1). */
const isNetbiosName = (name: Uint8Array): boolean =>
  name.length === 33 && name[0] === 32 && name.subarray(1).every((letter) => letter >= 0x41 && letter <= 0x50);
