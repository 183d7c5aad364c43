import { ipv4Text, ipv6Text, macText } from "../address.ts";
import type { Node } from "../dissect/tree.ts";
import { hex2, visible } from "../text.ts";

/** Bytes of a value that are written out; the bytes pane has all of them. */
const MAX_BYTES = 64;
const MAX_TEXT = 1000;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Colon-separated hex, as display filters take bytes. */
export const bytesText = (bytes: Uint8Array): string => Array.from(bytes, hex2).join(":");

/** An address in its own notation; null when it is not of that many bytes. */
export function addressText(type: "ipv4" | "ipv6" | "ether", bytes: Uint8Array): string | null {
  switch (type) {
    case "ipv4":
      return bytes.length === 4 ? ipv4Text(viewOf(bytes), 0) : null;
    case "ipv6":
      return bytes.length === 16 ? ipv6Text(viewOf(bytes), 0) : null;
    case "ether":
      return bytes.length === 6 ? macText(viewOf(bytes), 0) : null;
  }
}

function numberText({ field, value }: Node): string {
  if (typeof value !== "number" && typeof value !== "bigint") return "";
  const digits = field.base === "hex" ? `0x${value.toString(16).padStart(field.digits ?? 1, "0")}` : String(value);
  const name = typeof value === "number" ? field.names?.get(value) : undefined;
  return name === undefined ? digits : `${name} (${digits})`;
}

function spanText(ns: bigint): string {
  const size = ns < 0n ? -ns : ns;
  return `${ns < 0n ? "−" : ""}${size / 1_000_000_000n}.${String(size % 1_000_000_000n).padStart(9, "0")} s`;
}

function timeText(ns: bigint): string {
  const date = new Date(Number(ns / 1_000_000n));
  if (Number.isNaN(date.getTime())) return spanText(ns);
  return `${date.toISOString().slice(0, 19).replace("T", " ")}.${String(((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n).padStart(9, "0")} UTC`;
}

/** A node's value in words; "" where it has none. Safe to show. */
export function valueText(node: Node): string {
  const { field, value } = node;
  if (value === null) return "";
  switch (field.type) {
    case "none":
      return "";
    case "uint":
      return numberText(node);
    case "bool": {
      const word = typeof value === "number" ? field.names?.get(value) : undefined;
      return word ?? (value === 1 || value === 1n ? "Set" : "Not set");
    }
    case "ipv4":
    case "ipv6":
    case "ether":
      return value instanceof Uint8Array ? (addressText(field.type, value) ?? bytesText(value)) : String(value);
    case "bytes": {
      if (!(value instanceof Uint8Array)) return String(value);
      return value.length > MAX_BYTES ? `${bytesText(value.subarray(0, MAX_BYTES))}… (${value.length} bytes)` : bytesText(value);
    }
    case "text":
      return typeof value === "string" ? visible(value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value) : String(value);
    case "time":
      return typeof value === "bigint" ? timeText(value) : String(value);
  }
}

/** The deepest node that was read from a byte, the last of equals; null when none was. */
export function nodeAtByte(nodes: readonly Node[], at: number): Node | null {
  for (const node of nodes.toReversed()) {
    const child = nodeAtByte(node.children, at);
    if (child !== null) return child;
    if (node.length > 0 && at >= node.at && at < node.at + node.length) return node;
  }
  return null;
}

/** All nodes of that name, outermost layer first. */
export function nodesNamed(nodes: readonly Node[], name: string): Node[] {
  return nodes.flatMap((node) => [...(node.field.name === name ? [node] : []), ...nodesNamed(node.children, name)]);
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A packet's tree as JSON: fields by name with their values; several of one name as a list. Bytes as hex. */
export function treeJson(nodes: readonly Node[]): { readonly [key: string]: Json } {
  const found = new Map<string, Json[]>();
  for (const node of nodes) {
    const value = jsonOf(node);
    found.set(node.field.name, [...(found.get(node.field.name) ?? []), value]);
  }
  return Object.fromEntries([...found].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? null) : values]));
}

function jsonOf(node: Node): Json {
  const value = plain(node);
  if (node.children.length === 0) return value;
  const children = treeJson(node.children);
  return value === null ? children : { value, ...children };
}

function plain({ field, value }: Node): Json {
  if (value === null) return null;
  if (field.type === "bool") return value === 1 || value === 1n;
  if (typeof value === "bigint") return String(value);
  if (!(value instanceof Uint8Array)) return value;
  const address = field.type === "ipv4" || field.type === "ipv6" || field.type === "ether" ? addressText(field.type, value) : null;
  return address ?? bytesText(value);
}
