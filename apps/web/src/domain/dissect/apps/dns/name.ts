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

/** What names of one message have in common: pointers count from `start`; `octets` may still be read for all of them. */
export type Names = { readonly start: number; octets: number };
/** Of a message that says no more than it must, all names are shorter than that. */
const MAX_OCTETS = 32_768;
export const namesFrom = (start: number): Names => ({ start, octets: MAX_OCTETS });

/** Reads the domain name at the cursor and leaves it in a node (RFC 1035 4.1.4). */
export function takeName(cursor: Cursor, field: FieldDef, names: Names): Name {
  const from = cursor.at;
  const name = readName(cursor, names);
  cursor.add(field, name.text, from, cursor.at - from);
  return name;
}

/** Reads the domain name at the cursor, without a node. One that loops or is too long ends the layer. */
export function readName(cursor: Cursor, names: Names): Name {
  const { bytes } = cursor;
  const octets = new Uint8Array(MAX_NAME);
  let size = 0;
  let pointers = 0;
  let behind = -1;
  let at = cursor.at;
  for (;;) {
    const length = byteAt(cursor, at++);
    if (length === 0) break;
    if (length >= 0xc0) {
      const to = names.start + ((length & 0x3f) << 8) + byteAt(cursor, at++);
      if (behind < 0) behind = at;
      if (++pointers > MAX_POINTERS) cursor.malformed();
      at = to;
      continue;
    }
    if (length > 63 || size + 1 + length > MAX_NAME) cursor.malformed();
    if (size > 0) octets[size++] = DOT;
    byteAt(cursor, at + length - 1);
    for (let i = 0; i < length; i++) octets[size++] = bytes[at + i] ?? 0;
    at += length;
  }
  names.octets -= size + 2 * pointers;
  if (names.octets < 0) cursor.malformed();
  cursor.skip((behind < 0 ? at : behind) - cursor.at);
  if (size === 0) return { text: "<Root>", octets: 6, labels: 1 };
  return nameOf(octets.subarray(0, size));
}

function nameOf(octets: Uint8Array): Name {
  let [text, labels, plain] = ["", 1, true];
  for (const octet of octets) {
    if (octet === DOT) labels++;
    if (octet < 0x20 || octet > 0x7e) plain = false;
    text += String.fromCharCode(octet);
  }
  return { text: plain ? text : printable(octets), octets: octets.length, labels };
}

/** The byte at `at`, anywhere in the layer up to its end. */
function byteAt(cursor: Cursor, at: number): number {
  if (at >= cursor.end) cursor.need(at + 1 - cursor.at);
  return cursor.bytes[at] ?? 0;
}
