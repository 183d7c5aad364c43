import type { Cursor } from "../../cursor.ts";
import { header, headerFields } from "./fields.ts";
import { readBlock, type Header, type Table } from "./hpack.ts";

/** A header all of which is known. */
type Known = Header & { readonly name: string; readonly value: string };
const isKnown = (item: Header): item is Known => item.name !== null && item.value !== null;

/**
 * Adds the headers of the block from `at` up to `end`, which the cursor has passed. Returns what the list says of them:
 * method and path, or the status.
 */
export function addHeaders(cursor: Cursor, at: number, end: number, table: Table): string {
  const block = readBlock(cursor.bytes, at, end, table);
  if (block === null) return "";
  const headers = block.filter((item) => "name" in item);
  const known = headers.filter(isKnown);
  if (known.length === headers.length) {
    const total = known.reduce((sum, { name, value }) => sum + 8 + name.length + value.length, 0);
    cursor.add(header.total, total, at, 0);
    cursor.add(header.count, known.length, at, 0);
  }
  for (const item of block) {
    if ("tableSize" in item) addSizeUpdate(cursor, item.at, item.length, item.tableSize);
    else if (known.length < headers.length) addPart(cursor, item);
    else if (isKnown(item)) addKnown(cursor, item);
  }
  const valueOf = (name: string): string | null => known.find((item) => item.name === name)?.value ?? null;
  const [scheme, authority, path] = [valueOf(":scheme"), valueOf(":authority"), valueOf(":path")];
  if (known.length === headers.length && scheme !== null && authority !== null && path !== null)
    cursor.add(header.fullUri, `${scheme}://${authority}${path}`, at, 0);
  const [method, status] = [valueOf(":method"), valueOf(":status")];
  return status ?? (method === null ? "" : `${method}${path === null ? "" : ` ${path}`}`);
}

function addSizeUpdate(cursor: Cursor, at: number, length: number, size: number): void {
  const node = cursor.add(header.sizeUpdate, null, at, length);
  const outer = cursor.parent;
  cursor.parent = node;
  cursor.add(header.size, size, at, length);
  cursor.parent = outer;
}

function addKnown(cursor: Cursor, { at, length, name, value, representation, index }: Known): void {
  const node = cursor.add(header.header, null, at, length);
  const outer = cursor.parent;
  cursor.parent = node;
  cursor.add(header.nameLength, name.length, at, length);
  cursor.add(header.name, name, at, length);
  cursor.add(header.valueLength, value.length, at, length);
  cursor.add(header.value, value, at, length);
  const field = headerFields.get(name);
  if (field?.type === "text") cursor.add(field, value, at, length);
  else if (field !== undefined && /^\d{1,15}$/.test(value)) cursor.add(field, Number(value), at, length);
  cursor.add(header.representation, representation, at, length);
  if (index > 0) cursor.add(header.index, index, at, length);
  cursor.parent = outer;
  node.summary = `${name}: ${value}`;
}

function addPart(cursor: Cursor, { at, length, name, value, index }: Header): void {
  const node = cursor.add(header.partHeader, null, at, length);
  const outer = cursor.parent;
  cursor.parent = node;
  if (name !== null) cursor.add(header.partName, name, at, length);
  if (value !== null) cursor.add(header.partValue, value, at, length);
  if (index > 0) cursor.add(header.partIndex, index, at, length);
  cursor.parent = outer;
  node.summary = name === null && value === null ? `index ${index}, of an earlier packet` : `${name ?? "?"}: ${value ?? "?"}`;
}
