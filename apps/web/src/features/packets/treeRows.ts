import type { Node } from "../../domain/dissect/tree.ts";
import { valueText } from "../../domain/packets/nodeText.ts";
import { visible } from "../../domain/text.ts";
import type { TreeRow } from "../../ui/Tree.tsx";

/** What is unfolded or folded by hand, by the names of the fields down to it: it stays from packet to packet. */
export type Unfolded = ReadonlyMap<string, boolean>;

/** Layers that are folded until someone unfolds them: the rest is looked for more often. */
const folded = new Set(["frame", "eth", "sll"]);

/** A node of the tree and where it is: `id` names it in this packet, `path` in any. */
export type Placed = { readonly node: Node; readonly id: string; readonly path: string; readonly level: number };

const problems = { cut: "cut off by the capture", malformed: "malformed" } as const;

export function placed(layers: readonly Node[]): Placed[] {
  const all: Placed[] = [];
  const walk = (nodes: readonly Node[], above: { id: string; path: string; level: number }): void => {
    const seen = new Map<string, number>();
    for (const [index, node] of nodes.entries()) {
      const { name } = node.field;
      const nth = seen.get(name) ?? 0;
      seen.set(name, nth + 1);
      const here = { id: `${above.id}${above.id === "" ? "" : "."}${index}`, path: `${above.path}/${name}${nth === 0 ? "" : `#${nth}`}` };
      all.push({ node, ...here, level: above.level + 1 });
      walk(node.children, { ...here, level: above.level + 1 });
    }
  };
  walk(layers, { id: "", path: "", level: 0 });
  return all;
}

const isOpen = ({ node, path, level }: Placed, unfolded: Unfolded): boolean =>
  unfolded.get(path) ?? (level === 1 && !folded.has(node.field.name));

/** The nodes in sight: those whose ancestors are all unfolded. */
export function rowsInSight(all: readonly Placed[], unfolded: Unfolded): TreeRow[] {
  const rows: TreeRow[] = [];
  let hiddenBelow = Infinity;
  for (const one of all) {
    if (one.level > hiddenBelow) continue;
    hiddenBelow = Infinity;
    const { node, id, level } = one;
    const open = node.children.length === 0 ? null : isOpen(one, unfolded);
    const value = valueText(node);
    const summary = visible(node.summary);
    rows.push({
      id,
      level,
      label: node.field.label,
      value: value === "" ? summary : summary === "" ? value : `${value} ${summary}`,
      expanded: open,
      heading: level === 1,
      problem: node.problem === null ? undefined : problems[node.problem],
    });
    if (open === false) hiddenBelow = level;
  }
  return rows;
}

/** The same with a node folded the other way. */
export function toggled(one: Placed, unfolded: Unfolded): Unfolded {
  return new Map([...unfolded, [one.path, !isOpen(one, unfolded)]]);
}

/** The same with all that is above a node unfolded. */
export function revealed(one: Placed, all: readonly Placed[], unfolded: Unfolded): Unfolded {
  const above = all.filter((other) => one.id.startsWith(`${other.id}.`)).map((other) => [other.path, true] as const);
  return new Map([...unfolded, ...above]);
}
