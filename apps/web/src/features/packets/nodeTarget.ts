import type { Node } from "../../domain/dissect/tree.ts";
import { captureOf, termOf } from "../../domain/packets/expressions.ts";
import { valueText } from "../../domain/packets/nodeText.ts";
import type { ValueTarget } from "../app/valueMenu.tsx";

/** What a node of a packet's tree says, for the menu of values. */
export function nodeTarget(node: Node): ValueTarget {
  const text = valueText(node);
  return {
    heading: `${node.field.label}${text === "" ? "" : `: ${text}`} · ${node.field.name}`,
    text: text === "" ? node.summary : text,
    term: termOf(node),
    capture: captureOf(node),
  };
}
