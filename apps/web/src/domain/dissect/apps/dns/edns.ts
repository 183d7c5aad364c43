import type { Cursor } from "../../cursor.ts";
import { utf8 } from "../text.ts";
import { edns } from "./fields.ts";
import { optCodes } from "./names.ts";

const AF_INET = 1;
const AF_INET6 = 2;

/** The options of an OPT record, up to `end` (RFC 6891 6.1.2). */
export function readOptions(cursor: Cursor, end: number): void {
  while (cursor.at < end) {
    cursor.need(4);
    const [code, length] = [cursor.peek16(), cursor.peek16(2)];
    const group = cursor.group(edns.option, null, () => {
      cursor.u16(edns.code);
      cursor.u16(edns.length);
      const from = cursor.at;
      cursor.take(edns.data, length);
      cursor.at = from;
      readOption(cursor, code, length);
      cursor.at = from;
      cursor.skip(length);
    });
    group.summary = optCodes.get(code) ?? `Unknown (${code})`;
  }
}

function readOption(cursor: Cursor, code: number, length: number): void {
  const lists = new Map([
    [5, edns.dau],
    [6, edns.dhu],
    [7, edns.n3u],
  ]);
  const list = lists.get(code);
  if (list !== undefined) for (let i = 0; i < length; i++) cursor.u8(list);
  else if (code === 8) readSubnet(cursor, length);
  else if (code === 10) {
    cursor.take(edns.clientCookie, 8);
    cursor.take(edns.serverCookie, length - 8);
  } else if (code === 11 && length === 2) cursor.u16(edns.timeout);
  else if (code === 12) cursor.take(edns.padding, length);
  else if (code === 15 && length >= 2) {
    cursor.u16(edns.infoCode);
    if (length > 2) cursor.add(edns.extraText, utf8(cursor.bytes, cursor.at, length - 2), cursor.at, length - 2);
  }
}

/** RFC 7871 6: family, prefix lengths, and as many bytes of the address as the prefix needs. */
function readSubnet(cursor: Cursor, length: number): void {
  const family = cursor.u16(edns.family);
  cursor.u8(edns.source);
  cursor.u8(edns.scope);
  const given = length - 4;
  if (given < 0) cursor.malformed();
  const size = family === AF_INET ? 4 : family === AF_INET6 ? 16 : given;
  const address = new Uint8Array(size);
  address.set(cursor.bytes.subarray(cursor.at, cursor.at + Math.min(given, size)));
  const field = family === AF_INET ? edns.address4 : family === AF_INET6 ? edns.address6 : edns.address;
  cursor.add(field, address, cursor.at, given);
}
