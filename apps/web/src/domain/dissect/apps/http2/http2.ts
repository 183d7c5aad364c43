import { protocol } from "../../fields.ts";
import type { Dissector } from "../../types.ts";
import { frame, http2Fields } from "./fields.ts";
import { readFrame } from "./frames.ts";
import { newTable } from "./hpack.ts";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADER_BYTES = 9;
/** Words of frames that the list shows. */
const MAX_WORDS = 12;

/** HTTP/2 in the clear (RFC 9113): frames of one segment. The last may go on in later ones. */
export const http2: Dissector = {
  layer: protocol("http2", "HyperText Transfer Protocol 2"),
  fields: http2Fields,
  read(cursor, layer, context) {
    context.protocol = "HTTP2";
    const words: string[] = [];
    const table = newTable();
    try {
      if (startsWithPreface(cursor.bytes, cursor.at, cursor.end)) {
        words.push("Magic");
        cursor.group(frame.stream, null, (group) => {
          cursor.text(frame.magic, PREFACE.length);
          group.summary = "Magic";
        });
      }
      while (cursor.wireEnd - cursor.at >= HEADER_BYTES) words.push(readFrame(cursor, table));
    } finally {
      context.info = words.slice(0, MAX_WORDS).join(", ");
      layer.summary = context.info;
    }
    if (cursor.at >= cursor.wireEnd) return null;
    return { dissector: context.tables.data, at: cursor.at, end: cursor.end, wireEnd: cursor.wireEnd };
  },
};

function startsWithPreface(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < PREFACE.length) return false;
  for (let i = 0; i < PREFACE.length; i++) if (bytes[at + i] !== PREFACE.charCodeAt(i)) return false;
  return true;
}

/** Lengths of frames that have but one; -1: any. Types from 0 to 9. */
const sizes: readonly number[] = [-1, -1, 5, 4, -1, -1, 8, -1, 4, -1];
/** Flags that a type has. */
const flagMasks: readonly number[] = [0x09, 0x2d, 0, 0, 0x01, 0x0c, 0x01, 0, 0, 0x04];
const SETTINGS = 4;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 8;
const MAX_FRAME = 16_384;

/** The preface, or frames that fill the payload: lengths, flags and streams as their types have them. */
export function looksLikeHttp2(bytes: Uint8Array, at: number, end: number): boolean {
  if (startsWithPreface(bytes, at, end)) return true;
  let next = at;
  for (let frames = 0; frames < 64; frames++) {
    if (next === end) return frames > 0;
    if (end - next < HEADER_BYTES) return false;
    const [high = 0, middle = 0, low = 0, type = 0, flags = 0, first = 0, ...rest] = bytes.subarray(next, next + HEADER_BYTES);
    const length = high * 0x1_0000 + middle * 0x100 + low;
    const onStream = first !== 0 || rest.some((byte) => byte !== 0);
    if (type >= sizes.length || length > MAX_FRAME || first >= 0x80 || (flags & ~(flagMasks[type] ?? 0)) !== 0) return false;
    if (type === SETTINGS || type === PING || type === GOAWAY ? onStream : type !== WINDOW_UPDATE && !onStream) return false;
    const size = sizes[type] ?? -1;
    if ((size >= 0 && length !== size) || (type === SETTINGS && length % 6 !== 0) || (type === GOAWAY && length < 8)) return false;
    next += HEADER_BYTES + length;
    if (next > end) return false;
  }
  return true;
}
