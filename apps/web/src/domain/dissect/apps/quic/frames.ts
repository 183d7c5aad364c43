import type { Cursor } from "../../cursor.ts";
import type { FieldDef } from "../../fields.ts";
import type { Node } from "../../tree.ts";
import { utf8 } from "../text.ts";
import { serverNameOf } from "../tls/begun.ts";
import { record } from "../tls/fields.ts";
import { newState, readHandshakes } from "../tls/handshake.ts";
import { TLS_1_3 } from "../tls/hello.ts";
import { takeVarint } from "../varint.ts";
import { frames, frameTypes } from "./fields.ts";

/** A part of the handshake that a CRYPTO frame brings: its offset there, and where it lies here. */
type Piece = { readonly offset: number; readonly at: number; readonly length: number };

const HANDSHAKE_HEADER_BYTES = 4;
const CLIENT_HELLO = 1;

/** Reads the frames of an opened Initial packet (RFC 9000 19); returns what the list says of them. */
export function readFrames(cursor: Cursor): readonly string[] {
  const words: string[] = [];
  const pieces: Piece[] = [];
  const start = cursor.at;
  while (cursor.left > 0) {
    const type = cursor.peek8();
    const name = frameTypes.get(type);
    if (name === undefined) cursor.malformed();
    const group = cursor.group(frames.frame, null, () => {
      if (type === 0) readPadding(cursor);
      else {
        takeVarint(cursor, frames.type);
        readFrame(cursor, type, pieces);
      }
    });
    group.summary = name;
    if (words.at(-1) !== name) words.push(name);
  }
  return [...words, ...readCrypto(cursor, pieces, start)];
}

function readPadding(cursor: Cursor): void {
  let length = 1;
  while (length < cursor.left && cursor.bytes[cursor.at + length] === 0) length++;
  cursor.add(frames.type, 0, cursor.at, 1);
  cursor.add(frames.paddingLength, length, cursor.at, 0);
  cursor.skip(length);
}

function readFrame(cursor: Cursor, type: number, pieces: Piece[]): void {
  const varints = (...fields: readonly FieldDef[]): readonly number[] => fields.map((field) => takeVarint(cursor, field));
  if (type === 2 || type === 3) {
    const [, , ranges = 0] = varints(frames.largest, frames.delay, frames.rangeCount, frames.firstRange);
    for (let i = 0; i < ranges; i++) varints(frames.gap, frames.range);
    if (type === 3) varints(frames.ect0, frames.ect1, frames.ce);
  } else if (type === 6) {
    const [offset = 0, length = 0] = varints(frames.cryptoOffset, frames.cryptoLength);
    cursor.need(length);
    cursor.add(frames.cryptoData, null, cursor.at, length);
    pieces.push({ offset, at: cursor.at, length });
    cursor.skip(length);
  } else if (type === 0x1c) {
    varints(frames.closeError, frames.closeFrame);
    const length = takeVarint(cursor, frames.closeLength);
    cursor.need(length);
    cursor.add(frames.closeReason, utf8(cursor.bytes, cursor.at, length), cursor.at, length);
    cursor.skip(length);
  }
}

/** The handshake that the pieces make, as far as it goes without a gap; several are put together where the frames began. */
function readCrypto(cursor: Cursor, pieces: readonly Piece[], start: number): readonly string[] {
  const [first, ...others] = pieces.toSorted((a, b) => a.offset - b.offset);
  if (first === undefined || first.offset !== 0) return [];
  if (others.length === 0) return readHello(cursor, cursor.bytes, first.at, first.at + first.length);
  const bytes = Uint8Array.from(cursor.bytes);
  let end = start;
  for (const { offset, at, length } of [first, ...others]) {
    const to = start + offset;
    if (to > end || to + length > cursor.end) break;
    bytes.set(cursor.bytes.subarray(at, at + length), to);
    end = Math.max(end, to + length);
  }
  const from = cursor.parent.children.length;
  const words = readHello(cursor, bytes, start, end);
  // put together from several places: no bytes of the packet stand for one of these
  for (const node of cursor.parent.children.slice(from)) withoutRange(node);
  return words;
}

function withoutRange(node: Node): void {
  node.length = 0;
  for (const child of node.children) withoutRange(child);
}

/** A handshake that is all here; of a Client Hello that is not, the name that it asks for. */
function readHello(cursor: Cursor, bytes: Uint8Array, at: number, end: number): readonly string[] {
  if (end - at < HANDSHAKE_HEADER_BYTES) return [];
  const length = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  if (HANDSHAKE_HEADER_BYTES + length <= end - at) return readHandshakes(cursor.over(bytes, at, end), newState(TLS_1_3));
  const name = bytes[at] === CLIENT_HELLO ? serverNameOf(bytes, at, end) : null;
  if (name === null) return [];
  cursor.add(record.begunName, name.text, name.at, name.text.length);
  return [`Client Hello (SNI=${name.text}), begun`];
}

/** Whether bytes are frames from their first to their last, one CRYPTO frame or a close among them: what noise is not. */
export function areFrames(bytes: Uint8Array): boolean {
  let at = 0;
  let telling = false;
  const varint = (): number => {
    const length = 1 << ((bytes[at] ?? 0) >> 6);
    let value = (bytes[at] ?? 0) & 0x3f;
    for (let i = 1; i < length; i++) value = value * 256 + (bytes[at + i] ?? 0);
    at += length;
    return value;
  };
  while (at < bytes.length) {
    const type = bytes[at++];
    if (type === 2 || type === 3) {
      varint();
      varint();
      const ranges = varint();
      varint();
      for (let more = ranges * 2 + (type === 3 ? 3 : 0); more > 0; more--) {
        if (at >= bytes.length) return false;
        varint();
      }
    } else if (type === 6) {
      varint();
      const length = varint(); // moves `at` itself
      at += length;
      telling = true;
    } else if (type === 0x1c) {
      varint();
      varint();
      const length = varint(); // moves `at` itself
      at += length;
      telling = true;
    } else if (type !== 0 && type !== 1) return false;
  }
  return at === bytes.length && telling;
}
