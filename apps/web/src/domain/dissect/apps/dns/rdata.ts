import { ipv4Text, ipv6Text } from "../../../address.ts";
import type { Cursor } from "../../cursor.ts";
import type { FieldDef } from "../../fields.ts";
import { ascii, printable, utf8 } from "../text.ts";
import { readDnskey, readDs, readNsec, readNsec3, readRrsig } from "./dnssec.ts";
import { readOptions } from "./edns.ts";
import { rdata, record } from "./fields.ts";
import { takeName, type Names } from "./name.ts";
import { readNaptr, readSshfp, readTlsa, readTsig, takeString } from "./rare.ts";
import { readSvcb } from "./svcb.ts";

/** Where record data lies: up to `end`; `names` of the same message. */
export type Place = { readonly end: number; readonly names: Names; readonly multicast: boolean };

type Reader = (cursor: Cursor, place: Place) => string;

const named =
  (field: FieldDef): Reader =>
  (cursor, { names }) =>
    takeName(cursor, field, names).text;
const silent =
  (read: (cursor: Cursor, end: number, names: Names) => void): Reader =>
  (cursor, { end, names }) => {
    read(cursor, end, names);
    return "";
  };

/** By type; each returns what the list says of the record. */
const readers: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  [1, (cursor) => (cursor.take(rdata.a, 4), ipv4Text(cursor.view, cursor.at - 4))],
  [2, named(rdata.ns)],
  [5, named(rdata.cname)],
  [6, readSoa],
  [12, named(rdata.ptr)],
  [13, silent(readHinfo)],
  [15, readMx],
  [16, readTxt],
  [24, silent(readRrsig)],
  [28, (cursor) => (cursor.take(rdata.aaaa, 16), ipv6Text(cursor.view, cursor.at - 16))],
  [33, readSrv],
  [35, silent(readNaptr)],
  [39, named(rdata.dname)],
  [41, silent(readOptions)],
  [43, silent(readDs)],
  [44, silent(readSshfp)],
  [46, silent(readRrsig)],
  [47, silent(readNsec)],
  [48, silent(readDnskey)],
  [50, silent(readNsec3)],
  [52, silent(readTlsa)],
  [59, silent(readDs)],
  [60, silent(readDnskey)],
  [64, silent(readSvcb)],
  [65, silent(readSvcb)],
  [250, silent(readTsig)],
  [257, silent(readCaa)],
  [32769, silent(readDs)],
]);

/** Types that Wireshark has fields of their own for, and we have not. */
const untold: ReadonlySet<number> = new Set([
  ...[3, 4, 7, 8, 9, 10, 11, 14, 17, 18, 19, 20, 21, 22, 23, 25, 26, 27, 29, 30, 36, 37, 38, 42, 45, 49, 51, 55, 61, 62, 63, 99],
  ...[104, 105, 106, 107, 108, 109, 249, 65281, 65282],
]);

/** Reads the data of a record of `type`; returns a word or two on it. */
export function readRdata(cursor: Cursor, type: number, place: Place): string {
  const reader = readers.get(type);
  if (reader !== undefined) return reader(cursor, place);
  cursor.take(untold.has(type) ? record.untold : record.data, place.end - cursor.at);
  return "";
}

function readSoa(cursor: Cursor, { names }: Place): string {
  const { text } = takeName(cursor, rdata.mname, names);
  takeName(cursor, rdata.rname, names);
  for (const field of [rdata.serial, rdata.refresh, rdata.retry, rdata.expire, rdata.minimum]) cursor.u32(field);
  return text;
}

function readMx(cursor: Cursor, { names }: Place): string {
  const preference = cursor.u16(rdata.preference);
  return `${preference} ${takeName(cursor, rdata.exchange, names).text}`;
}

function readSrv(cursor: Cursor, { names }: Place): string {
  const numbers = [rdata.priority, rdata.weight, rdata.port].map((field) => cursor.u16(field));
  return `${numbers.join(" ")} ${takeName(cursor, rdata.target, names).text}`;
}

function readTxt(cursor: Cursor, { end, multicast }: Place): string {
  const decode = multicast ? utf8 : ascii;
  while (cursor.at < end) {
    const length = cursor.u8(rdata.txtLength);
    cursor.need(length);
    cursor.add(rdata.txt, decode(cursor.bytes, cursor.at, length), cursor.at, length);
    cursor.skip(length);
  }
  return "";
}

function readHinfo(cursor: Cursor): void {
  takeString(cursor, rdata.cpuLength, rdata.cpu);
  takeString(cursor, rdata.osLength, rdata.os);
}

const caaTags: ReadonlyMap<string, FieldDef> = new Map([
  ["issue", rdata.caaIssue],
  ["issuewild", rdata.caaIssueWild],
  ["iodef", rdata.caaIodef],
]);

/** RFC 8659 4.1: flags, tag, value. */
function readCaa(cursor: Cursor, end: number): void {
  const flags = cursor.peek8();
  cursor.parts(rdata.caaFlags, flags, 1, () => cursor.bits(rdata.caaCritical, flags >> 7, 1));
  const { at, bytes } = cursor;
  const tagLength = cursor.peek8();
  cursor.need(end - at);
  const tag = ascii(bytes, at + 1, tagLength);
  const valueAt = at + 1 + tagLength;
  if (valueAt > end) cursor.malformed();
  const value = printable(bytes.subarray(valueAt, end));
  cursor.parts(caaTags.get(tag) ?? rdata.caaUnknown, value, end - at, () => {
    cursor.bits(rdata.caaTagLength, tagLength, 1);
    cursor.add(rdata.caaTag, tag, at + 1, tagLength);
    cursor.add(rdata.caaValue, value, valueAt, end - valueAt);
  });
}
