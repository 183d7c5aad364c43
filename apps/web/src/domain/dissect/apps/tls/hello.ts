import type { Cursor } from "../../cursor.ts";
import { CLIENT_HELLO, HELLO_RETRY, readExtensions, SERVER_HELLO, type Hello } from "./extensions.ts";
import { handshake } from "./fields.ts";
import { addJa3, addJa3s } from "./ja3.ts";

const RANDOM_BYTES = 32;
const SUPPORTED_VERSIONS = 43;
export const TLS_1_3 = 0x0304;
const DRAFT = 0x7f;
/** Random of a Server Hello that asks for another Client Hello: the first 8 bytes (RFC 8446 4.1.3). */
const RETRY_RANDOM = 0xcf21ad74e59a6111n;

/** `modern`: it can only be of TLS 1.3. */
export function readClientHello(cursor: Cursor, hello: Hello, modern: boolean): void {
  cursor.u16(handshake.version);
  readRandom(cursor, !modern);
  readSessionId(cursor);
  const suites = cursor.u16(handshake.suitesLength);
  cursor.group(handshake.suites, null, () =>
    cursor.within(suites, () => {
      while (cursor.wireEnd > cursor.at) cursor.u16(handshake.suite);
    }),
  );
  const methods = cursor.u8(handshake.methodsLength);
  cursor.group(handshake.methods, null, () =>
    cursor.within(methods, () => {
      while (cursor.wireEnd > cursor.at) cursor.u8(handshake.method);
    }),
  );
  readExtensions(cursor, CLIENT_HELLO, hello);
  addJa3(cursor);
}

/** Returns the version that was agreed on. */
export function readServerHello(cursor: Cursor, hello: Hello): number {
  cursor.need(2 + RANDOM_BYTES);
  const version = selectedVersion(cursor);
  const modern = version >= TLS_1_3;
  const retry = cursor.view.getBigUint64(cursor.at + 2) === RETRY_RANDOM;
  cursor.u16(handshake.version);
  readRandom(cursor, !modern);
  // drafts of TLS 1.3 before the 22nd left both out
  const short = version >> 8 === DRAFT && (version & 0xff) < 22;
  if (!short) readSessionId(cursor);
  cursor.u16(handshake.suite);
  if (!short) cursor.u8(handshake.method);
  readExtensions(cursor, retry ? HELLO_RETRY : SERVER_HELLO, hello);
  addJa3s(cursor);
  return version;
}

/** The version in the extension for it, where there is one (RFC 8446 4.2.1); else the hello's own. Moves nothing. */
function selectedVersion({ bytes, view, at, end }: Cursor): number {
  const own = view.getUint16(at);
  let next = at + 2 + RANDOM_BYTES;
  next += 1 + (bytes[next] ?? 0) + 2 + 1 + 2;
  while (next + 6 <= end) {
    const length = view.getUint16(next + 2);
    if (view.getUint16(next) === SUPPORTED_VERSIONS && length === 2) return view.getUint16(next + 4);
    next += 4 + length;
  }
  return own;
}

/** Before TLS 1.3 it began with the time. */
function readRandom(cursor: Cursor, withTime: boolean): void {
  cursor.need(RANDOM_BYTES);
  const { bytes, at } = cursor;
  cursor.parts(handshake.random, bytes.subarray(at, at + RANDOM_BYTES), RANDOM_BYTES, () => {
    if (!withTime) return;
    cursor.add(handshake.randomTime, BigInt(cursor.peek32()) * 1_000_000_000n, at, 4);
    cursor.add(handshake.randomBytes, bytes.subarray(at + 4, at + RANDOM_BYTES), at + 4, RANDOM_BYTES - 4);
  });
}

function readSessionId(cursor: Cursor): void {
  const length = cursor.u8(handshake.sessionIdLength);
  if (length > 0) cursor.take(handshake.sessionId, length);
}
