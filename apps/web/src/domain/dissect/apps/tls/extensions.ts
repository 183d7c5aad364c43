import type { Cursor } from "../../cursor.ts";
import type { FieldDef } from "../../fields.ts";
import { ascii } from "../text.ts";
import { takeVarint } from "../varint.ts";
import { extension, handshake, transport } from "./fields.ts";
import { extensionTypes, isGrease } from "./names.ts";

export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;
/** A Server Hello whose random says that it asks for another Client Hello (RFC 8446 4.1.3). */
export const HELLO_RETRY = 6;

/** What is worth a word in the list. */
export type Hello = { serverName: string | null };

/** The extensions of a hello, of `from` its kind (RFC 8446 4.2). */
export function readExtensions(cursor: Cursor, from: number, hello: Hello): void {
  if (cursor.wireEnd === cursor.at) return;
  const length = cursor.u16(handshake.extensionsLength);
  cursor.within(length, () => {
    while (cursor.wireEnd > cursor.at) readExtension(cursor, from, hello);
  });
}

function readExtension(cursor: Cursor, from: number, hello: Hello): void {
  const type = cursor.peek16();
  const group = cursor.group(extension.extension, null, () => {
    cursor.u16(extension.type);
    const length = cursor.u16(extension.length);
    cursor.within(length, () => readBody(cursor, type, from, hello));
  });
  group.summary = extensionTypes.get(type) ?? (isGrease(type) ? "reserved (GREASE)" : `type ${type}`);
}

/** Types that Wireshark has fields of their own for, and we have not. */
const untold: ReadonlySet<number> = new Set([9, 12, 14, 15, 17, 18, 19, 20, 22, 23, 42, 47, 48, 49, 54, 13172, 17513, 0xffce]);

function readBody(cursor: Cursor, type: number, from: number, hello: Hello): void {
  const rest = cursor.wireEnd - cursor.at;
  switch (type) {
    case 0:
      readServerName(cursor, hello);
      break;
    case 1:
      cursor.u8(extension.maxFragment);
      break;
    case 5:
      if (from === CLIENT_HELLO) readStatusRequest(cursor);
      break;
    case 10:
      list(cursor, { length: extension.groupsLength, size: 2, list: extension.groups }, () => cursor.u16(extension.group));
      break;
    case 11:
      list(cursor, { length: extension.formatsLength, size: 1, list: extension.formats }, () => cursor.u8(extension.format));
      break;
    case 13:
    case 50:
      readAlgorithms(cursor);
      break;
    case 34: // delegated credentials: what they may be signed with (RFC 9345 4.1.1)
      if (from === CLIENT_HELLO) readAlgorithms(cursor);
      break;
    case 16:
      list(cursor, { length: extension.alpnLength, size: 2, list: extension.alpnList }, () => readName(cursor));
      break;
    case 21:
      cursor.take(extension.padding, rest);
      break;
    case 27:
      list(cursor, { length: extension.compressionsLength, size: 1 }, () => cursor.u16(extension.compression));
      break;
    case 28:
      cursor.u16(extension.sizeLimit);
      break;
    case 40:
    case 51:
      readKeyShares(cursor, from);
      break;
    case 41:
      readSharedKeys(cursor, from);
      break;
    case 43:
      if (from !== CLIENT_HELLO) cursor.u16(extension.version);
      else list(cursor, { length: extension.versionsLength, size: 1 }, () => cursor.u16(extension.version));
      break;
    case 44:
      vector(cursor, extension.cookieLength, extension.cookie);
      break;
    case 45:
      list(cursor, { length: extension.modesLength, size: 1 }, () => cursor.u8(extension.mode));
      break;
    case 57:
    case 0xffa5: // in drafts
      while (cursor.wireEnd > cursor.at) readParameter(cursor);
      break;
    case 65281:
      readRenegotiation(cursor);
      break;
    default:
      if (!untold.has(type)) cursor.take(extension.data, rest);
      else if (rest > 0) cursor.take(extension.untold, rest);
  }
}

type List = { readonly length: FieldDef; readonly size: 1 | 2; readonly list?: FieldDef };

/** A length of `size` bytes and as many bytes of items; under a heading of their own where there is one. */
function list(cursor: Cursor, { length: field, size, list: heading }: List, item: () => unknown): void {
  const length = size === 1 ? cursor.u8(field) : cursor.u16(field);
  const items = (): void =>
    cursor.within(length, () => {
      while (cursor.wireEnd > cursor.at) item();
    });
  if (heading === undefined) items();
  else cursor.group(heading, null, items);
}

/** A length of two bytes, and as many. */
function vector(cursor: Cursor, length: FieldDef, field: FieldDef): void {
  const size = cursor.u16(length);
  if (size > 0) cursor.take(field, size);
}

function readServerName(cursor: Cursor, hello: Hello): void {
  if (cursor.wireEnd === cursor.at) return;
  list(cursor, { length: extension.nameListLength, size: 2 }, () => {
    cursor.u8(extension.nameType);
    const length = cursor.u16(extension.nameLength);
    cursor.need(length);
    const name = ascii(cursor.bytes, cursor.at, length);
    hello.serverName ??= name;
    cursor.add(extension.name, name, cursor.at, length);
    cursor.skip(length);
  });
}

/** RFC 6066 8: of OCSP. */
function readStatusRequest(cursor: Cursor): void {
  const type = cursor.u8(extension.statusType);
  if (type !== 1 && type !== 2) return;
  cursor.skip(cursor.u16(extension.respondersLength));
  cursor.skip(cursor.u16(extension.requestExtensionsLength));
}

/** Also in messages of TLS 1.2 (RFC 5246 7.4.4). */
export function readAlgorithms(cursor: Cursor): void {
  list(cursor, { length: extension.algorithmsLength, size: 2, list: extension.algorithms }, () => readAlgorithm(cursor));
}

export function readAlgorithm(cursor: Cursor): void {
  const algorithm = cursor.peek16();
  cursor.parts(extension.algorithm, algorithm, 2, () => {
    cursor.bits(extension.hash, algorithm >> 8, 1);
    cursor.bits(extension.signature, algorithm & 0xff, 1, 1);
  });
}

function readName(cursor: Cursor): void {
  const length = cursor.u8(extension.alpnNameLength);
  cursor.need(length);
  cursor.add(extension.alpn, ascii(cursor.bytes, cursor.at, length), cursor.at, length);
  cursor.skip(length);
}

function readKeyShares(cursor: Cursor, from: number): void {
  const entry = (): void => {
    cursor.u16(extension.shareGroup);
    vector(cursor, extension.shareLength, extension.share);
  };
  if (from === HELLO_RETRY) cursor.u16(extension.selectedGroup);
  else if (from === SERVER_HELLO) entry();
  else list(cursor, { length: extension.sharesLength, size: 2 }, entry);
}

/** RFC 8446 4.2.11. */
function readSharedKeys(cursor: Cursor, from: number): void {
  if (from !== CLIENT_HELLO) {
    cursor.u16(extension.selectedIdentity);
    return;
  }
  list(cursor, { length: extension.identitiesLength, size: 2 }, () => {
    vector(cursor, extension.identityLength, extension.identity);
    cursor.u32(extension.ticketAge);
  });
  const length = cursor.u16(extension.bindersLength);
  cursor.need(length);
  cursor.add(extension.binders, null, cursor.at, length);
  cursor.skip(length);
}

function readRenegotiation(cursor: Cursor): void {
  const length = cursor.u8(extension.renegotiationLength);
  if (length > 0) cursor.take(extension.renegotiation, length);
}

function readParameter(cursor: Cursor): void {
  cursor.group(transport.parameter, null, () => {
    takeVarint(cursor, transport.type);
    const length = takeVarint(cursor, transport.length);
    cursor.take(transport.value, length);
  });
}
