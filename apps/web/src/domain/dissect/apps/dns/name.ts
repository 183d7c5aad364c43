import type { Cursor } from "../../cursor.ts";
import type { FieldDef } from "../../fields.ts";
import { printable } from "../text.ts";

/** Longest name in text (RFC 1035 2.3.4). */
const MAX_NAME = 254;
/** Pointers followed for one name; a name has no more labels than that. */
const MAX_POINTERS = 255;
const DOT = 0x2e;

type Name = {
  /** As shown: "<Root>" for the root; control characters escaped. */
  readonly text: string;
  /** Bytes of the name with its dots. */
  readonly octets: number;
  readonly labels: number;
};

/** Reads the domain name at the cursor and leaves it in a node; pointers count from `start` (RFC 1035 4.1.4). */
export function takeName(cursor: Cursor, field: FieldDef, start: number): Name {
  const from = cursor.at;
  const name = readName(cursor, start);
  cursor.add(field, name.text, from, cursor.at - from);
  return name;
}

/** Reads the domain name at the cursor, without a node. One that loops or is too long ends the layer. */
export function readName(cursor: Cursor, start: number): Name {
  const { bytes } = cursor;
  const octets: number[] = [];
  let [labels, pointers] = [0, 0];
  let behind = -1;
  let at = cursor.at;
  for (;;) {
    const length = byteAt(cursor, at++);
    if (length === 0) break;
    if (length >= 0xc0) {
      const to = start + ((length & 0x3f) << 8) + byteAt(cursor, at++);
      if (behind < 0) behind = at;
      if (++pointers > MAX_POINTERS) cursor.malformed();
      at = to;
      continue;
    }
    if (length > 63) cursor.malformed();
    if (labels++ > 0) octets.push(DOT);
    byteAt(cursor, at + length - 1);
    for (const octet of bytes.subarray(at, at + length)) octets.push(octet);
    at += length;
    if (octets.length > MAX_NAME) cursor.malformed();
  }
  cursor.skip((behind < 0 ? at : behind) - cursor.at);
  if (labels === 0) return { text: "<Root>", octets: 6, labels: 1 };
  return { text: printable(Uint8Array.from(octets)), octets: octets.length, labels: dots(octets) + 1 };
}

const dots = (octets: readonly number[]): number => octets.reduce((count, octet) => count + (octet === DOT ? 1 : 0), 0);

/** The byte at `at`, anywhere in the layer up to its end. */
function byteAt(cursor: Cursor, at: number): number {
  cursor.need(Math.max(0, at + 1 - cursor.at));
  return cursor.bytes[at] ?? 0;
}
