import type { FieldValue } from "../dissect/fields.ts";
import type { Node } from "../dissect/tree.ts";
import { addressTest, numberTest, textTest, type Item } from "../query/index.ts";
import type { PacketField, PacketTerm } from "./fields.ts";

/** Whether a field's value fits a statement; of `!=` whether it is equal. */
export type ValueTest = (value: FieldValue) => boolean;

const utf8 = new TextEncoder();

/** For what dissectors found. `present` of a flag asks whether it is set. */
export function valueTest(term: PacketTerm, field: PacketField): ValueTest {
  switch (term.type) {
    case "present":
      return field.type === "flag" ? (value) => value === 1 : () => true;
    case "matches":
      return (value) => term.pattern.test(bytesOf(value));
    case "containsBytes":
      return (value) => holds(bytesOf(value), term.bytes);
    case "contains":
      return (value) => typeof value === "string" && value.includes(term.text);
    case "compare":
    case "in":
      break;
  }
  switch (field.type) {
    case "presence":
      return () => true;
    case "number":
    case "name":
    case "flag": {
      const test = numberTest(term);
      const unit = field.type === "number" && field.unit === "seconds" ? 1e9 : 1;
      return (value) => (typeof value === "number" || typeof value === "bigint") && test(Number(value) / unit);
    }
    case "text": {
      const test = textTest(term);
      return (value) => test(typeof value === "string" ? value : undefined);
    }
    case "address": {
      const test = addressTest(term);
      return (value) => value instanceof Uint8Array && test(viewOf(value), 0, value.length === 4 ? 4 : 6);
    }
    case "bytes": {
      const wanted = (term.type === "in" ? term.items : [term.value]).flatMap(bytesValue);
      return (value) => value instanceof Uint8Array && wanted.some((bytes) => equal(value, bytes));
    }
  }
}

export function bytesValue(item: Item): Uint8Array[] {
  return item.type === "bytes" ? [Uint8Array.from(item.bytes)] : [];
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function bytesOf(value: FieldValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return utf8.encode(typeof value === "string" ? value : "");
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Whether `part` is somewhere in the bytes. */
export function holds(bytes: Uint8Array, part: Uint8Array): boolean {
  const first = part[0];
  if (first === undefined) return true;
  for (let at = bytes.indexOf(first); at >= 0 && at + part.length <= bytes.length; at = bytes.indexOf(first, at + 1)) {
    let i = 1;
    while (i < part.length && bytes[at + i] === part[i]) i++;
    if (i === part.length) return true;
  }
  return false;
}

/** Calls `visit` for each node of any of these names; true as soon as it says so. */
export function someNode(nodes: readonly Node[], names: readonly string[], visit: (node: Node) => boolean): boolean {
  for (const node of nodes) {
    const { field, children } = node;
    if ((names.includes(field.name) || field.also?.some((name) => names.includes(name))) && visit(node)) return true;
    if (children.length > 0 && someNode(children, names, visit)) return true;
  }
  return false;
}
