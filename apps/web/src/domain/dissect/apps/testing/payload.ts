import { MAX_NODES } from "../../cursor.ts";
import { data } from "../../data.ts";
import { protocol } from "../../fields.ts";
import type { Node } from "../../tree.ts";
import type { Dissection, Dissector, Tables } from "../../types.ts";
import { walk } from "../../walk.ts";

const tables: Tables = { etherType: () => null, ipProtocol: () => null, payload: () => data, data };

/** Bytes written as hex, with spaces or without. */
export const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));
export const fromText = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
export const concat = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
/** A number in network order. */
export const number = (value: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Math.floor(value / 2 ** (8 * (length - 1 - i))) % 256);

type Ports = { readonly source?: number; readonly destination?: number };

/** What a dissector makes of a payload of a packet between two ports; `wireLen` beyond its length: the capture cut it. */
export function dissectPayload(dissector: Dissector, bytes: Uint8Array, wireLen = bytes.length, ports: Ports = {}): Dissection {
  const first: Dissector = {
    layer: protocol("payload", "Payload", { ours: true }),
    fields: [],
    read(cursor, _layer, context) {
      context.sourcePort = ports.source ?? 40_000;
      context.destinationPort = ports.destination ?? 40_001;
      return { dissector, at: cursor.at, end: cursor.end, wireEnd: cursor.wireEnd };
    },
  };
  const dissection = walk({ bytes, wireLen, linkType: 1, facts: null }, first, tables);
  return { ...dissection, layers: dissection.layers.slice(1) };
}

/** All values of a field, in the order of the packet. */
export function valuesOf({ layers }: Dissection, name: string): readonly unknown[] {
  return nodesOf(layers).flatMap((node) => (node.field.name === name ? [node.value] : []));
}

const nodesOf = (nodes: readonly Node[]): readonly Node[] => nodes.flatMap((node) => [node, ...nodesOf(node.children)]);

/** What is wrong with a dissection, whatever the bytes: a range outside of them, a field that was not declared, too many nodes. */
export function faultsOf({ layers }: Dissection, dissector: Dissector, length: number): readonly string[] {
  const declared = new Set([dissector.layer, ...dissector.fields, data.layer, ...data.fields]);
  const nodes = nodesOf(layers);
  const faults = nodes.flatMap(({ field, at, length: size }) => [
    ...(at < 0 || size < 0 || at + size > length ? [`${field.name} at ${at} + ${size} of ${length}`] : []),
    ...(declared.has(field) ? [] : [`${field.name} is not declared`]),
  ]);
  return nodes.length > MAX_NODES + 24 ? [...faults, `${nodes.length} nodes`] : faults;
}
