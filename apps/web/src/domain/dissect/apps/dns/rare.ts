import type { Cursor } from "../../cursor.ts";
import type { FieldDef } from "../../fields.ts";
import { ascii } from "../text.ts";
import { rare } from "./fields.ts";
import { takeName, type Names } from "./name.ts";

/** A length and as much text (RFC 1035 3.3). */
export function takeString(cursor: Cursor, lengthField: FieldDef, field: FieldDef): void {
  const length = cursor.u8(lengthField);
  cursor.need(length);
  cursor.add(field, ascii(cursor.bytes, cursor.at, length), cursor.at, length);
  cursor.skip(length);
}

/** RFC 3403 4.1. */
export function readNaptr(cursor: Cursor, _end: number, names: Names): void {
  cursor.u16(rare.order);
  cursor.u16(rare.preference);
  takeString(cursor, rare.flagsLength, rare.flags);
  takeString(cursor, rare.serviceLength, rare.service);
  takeString(cursor, rare.regexLength, rare.regex);
  const { octets } = takeName(cursor, rare.replacement, names);
  cursor.generated(rare.replacementLength, octets);
}

/** RFC 4255 3.1. */
export function readSshfp(cursor: Cursor, end: number): void {
  cursor.u8(rare.keyAlgorithm);
  cursor.u8(rare.fingerprintType);
  if (end > cursor.at) cursor.take(rare.fingerprint, end - cursor.at);
}

/** RFC 6698 2.1. */
export function readTlsa(cursor: Cursor, end: number): void {
  cursor.u8(rare.usage);
  cursor.u8(rare.selector);
  cursor.u8(rare.matching);
  cursor.take(rare.association, end - cursor.at);
}

/** RFC 8945 4.2; the time is 48 bits of seconds since 1970. */
export function readTsig(cursor: Cursor, _end: number, names: Names): void {
  takeName(cursor, rare.algorithmName, names);
  cursor.need(6);
  const seconds = BigInt(cursor.peek16()) * 0x1_0000_0000n + BigInt(cursor.peek32(2));
  cursor.add(rare.timeSigned, seconds * 1_000_000_000n, cursor.at, 6);
  cursor.skip(6);
  cursor.u16(rare.fudge);
  const size = cursor.u16(rare.macSize);
  if (size > 0) cursor.take(rare.mac, size);
  cursor.u16(rare.originalId);
  cursor.u16(rare.error);
  const other = cursor.u16(rare.otherLength);
  if (other > 0) cursor.take(rare.otherData, other);
}
