import type { Node } from "../../domain/dissect/tree.ts";
import { conversationCapture, conversationTerm } from "../../domain/packets/expressions.ts";
import { nodesNamed } from "../../domain/packets/nodeText.ts";
import type { ValueTarget } from "../app/valueMenu.tsx";
import { nodeTarget } from "../packets/nodeTarget.ts";

/** Fields of a record's own layer that packets of a file have too, so that filters can name them. */
const shared = new Set(["frame.interface_name", "frame.len", "frame.cap_len"]);

/** What a node of a live record's tree says. */
export function recordNodeTarget(node: Node): ValueTarget {
  const target = nodeTarget(node);
  return node.field.name.startsWith("frame") && !shared.has(node.field.name) ? { ...target, term: null } : target;
}

const columnFields: Readonly<Record<string, readonly string[]>> = {
  interface: ["frame.interface_name"],
  direction: ["frame.direction"],
  time: ["frame.time"],
  length: ["frame.len"],
  source: ["ip.src", "ipv6.src", "eth.src"],
  destination: ["ip.dst", "ipv6.dst", "eth.dst"],
};

/** What a cell of the live list says, by the packet's layers; else the conversation, or the packet's last layer. */
export function recordTarget(layers: readonly Node[], column: string | null, line: string): ValueTarget {
  for (const name of columnFields[column ?? ""] ?? []) {
    const node = nodesNamed(layers, name)[0];
    if (node !== undefined) return recordNodeTarget(node);
  }
  const last = layers.at(-1);
  if (column === "protocol" && last !== undefined) return recordNodeTarget(last);
  return { heading: line, text: line, term: conversationTerm(layers), capture: conversationCapture(layers) };
}
