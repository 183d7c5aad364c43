import { latin1 } from "../../cursor.ts";
import { decodeHuffman } from "./huffman.ts";
import { staticTable } from "./staticTable.ts";

/** What one packet's blocks have added to the dynamic table, newest first; older entries came in packets that are not known here. */
export type Table = { readonly entries: (readonly [string, string])[]; huffmanBytes: number };
export const newTable = (): Table => ({ entries: [], huffmanBytes: 0 });

/** A header of a block; null name or value: it stands in a part of the table that is not known, or can not be decoded. */
export type Header = {
  readonly at: number;
  readonly length: number;
  readonly name: string | null;
  readonly value: string | null;
  readonly representation: string;
  /** Into static and dynamic table; 0: the name is spelt out. */
  readonly index: number;
};
export type TableSize = { readonly at: number; readonly length: number; readonly tableSize: number };

/** Most that is decoded for one packet. */
const MAX_HUFFMAN_BYTES = 16_384;
const MAX_ENTRIES = 512;
/** Headers of one block; servers take a hundred or so. */
const MAX_HEADERS = 400;

const KINDS = {
  indexed: "Indexed Header Field",
  incremental: "Literal Header Field with Incremental Indexing",
  without: "Literal Header Field without Indexing",
  never: "Literal Header Field never Indexed",
} as const;

/** Reads the header block from `at` up to `end` (RFC 7541 6); null where it does not hold together: its end is missing. */
export function readBlock(bytes: Uint8Array, at: number, end: number, table: Table): readonly (Header | TableSize)[] | null {
  const items: (Header | TableSize)[] = [];
  const reader = { bytes, at, end };
  while (reader.at < end) {
    const item = readItem(reader, table);
    if (item === null || items.length >= MAX_HEADERS) return null;
    items.push(item);
  }
  return items;
}

type Reader = { readonly bytes: Uint8Array; at: number; readonly end: number };

function readItem(reader: Reader, table: Table): Header | TableSize | null {
  const from = reader.at;
  const first = reader.bytes[from] ?? 0;
  if (first >= 0x80) {
    const index = readInteger(reader, 7);
    if (index === null || index === 0) return null;
    const [name, value] = entry(index, table);
    return { at: from, length: reader.at - from, name, value, representation: KINDS.indexed, index };
  }
  if (first >= 0x20 && first < 0x40) {
    const tableSize = readInteger(reader, 5);
    return tableSize === null ? null : { at: from, length: reader.at - from, tableSize };
  }
  const kind = first >= 0x40 ? KINDS.incremental : first >= 0x10 ? KINDS.never : KINDS.without;
  const index = readInteger(reader, kind === KINDS.incremental ? 6 : 4);
  if (index === null) return null;
  const name = index === 0 ? readString(reader, table) : { text: entry(index, table)[0] };
  const value = readString(reader, table);
  if (name === null || value === null) return null;
  if (kind === KINDS.incremental) table.entries.unshift([name.text ?? "", value.text ?? ""]);
  if (table.entries.length > MAX_ENTRIES) table.entries.pop();
  const representation = `${kind} - ${index === 0 ? "New Name" : "Indexed Name"}`;
  return { at: from, length: reader.at - from, name: name.text, value: value.text, representation, index };
}

function entry(index: number, table: Table): readonly [string | null, string | null] {
  return staticTable[index - 1] ?? table.entries[index - 1 - staticTable.length] ?? [null, null];
}

/** RFC 7541 5.1; null where its end is missing or it is past 2^28. */
function readInteger(reader: Reader, prefix: number): number | null {
  const mask = (1 << prefix) - 1;
  let value = (reader.bytes[reader.at++] ?? 0) & mask;
  if (value < mask) return value;
  for (let shift = 0; shift < 28; shift += 7) {
    if (reader.at >= reader.end) return null;
    const byte = reader.bytes[reader.at++] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  return null;
}

/** RFC 7541 5.2: null where its end is missing; without text where it can not be decoded. */
function readString(reader: Reader, table: Table): { readonly text: string | null } | null {
  if (reader.at >= reader.end) return null;
  const huffman = (reader.bytes[reader.at] ?? 0) >= 0x80;
  const length = readInteger(reader, 7);
  if (length === null || length > reader.end - reader.at) return null;
  const from = reader.at;
  reader.at += length;
  if (!huffman) return { text: latin1(reader.bytes, from, length) };
  table.huffmanBytes += length;
  if (table.huffmanBytes > MAX_HUFFMAN_BYTES) return { text: null };
  const decoded = decodeHuffman(reader.bytes.subarray(from, from + length));
  return { text: decoded === null ? null : latin1(decoded, 0, decoded.length) };
}
