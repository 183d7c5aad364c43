"use client";
import { useMemo, useState } from "react";
import type { Node } from "../../domain/dissect/tree.ts";
import type { ByteRange } from "../../ui/HexView.tsx";
import { Tree } from "../../ui/Tree.tsx";
import type { ShowMenu } from "../app/valueMenu.tsx";
import { recordNodeTarget } from "./recordTarget.ts";
import { placed, rowsInSight, toggled, type Unfolded } from "../packets/treeRows.ts";

type LayerTreeProps = { layers: readonly Node[]; onMark: (range: ByteRange | null) => void; onMenu: ShowMenu };

/** The layers of a packet, outermost first. What the pointer is on, or else what was chosen, marks its bytes; values have their menu. */
export function LayerTree({ layers, onMark, onMenu }: LayerTreeProps) {
  const [unfolded, setUnfolded] = useState<Unfolded>(new Map());
  const [path, setPath] = useState<string | null>(null);
  const all = useMemo(() => placed(layers), [layers]);
  const rows = useMemo(() => rowsInSight(all, unfolded), [all, unfolded]);
  const chosen = all.find((one) => one.path === path) ?? null;
  const byId = (id: string | null) => all.find((one) => one.id === id) ?? null;
  return (
    <Tree
      label="Layers"
      rows={rows}
      selected={chosen?.id ?? null}
      onSelect={(id) => {
        const one = byId(id);
        setPath(one?.path ?? null);
        onMark(rangeOf(one?.node ?? null));
      }}
      onToggle={(id) => {
        const one = byId(id);
        if (one !== null && one.node.children.length > 0) setUnfolded((was) => toggled(one, was));
      }}
      onMenu={(id, at) => {
        const node = byId(id)?.node;
        if (node !== undefined) onMenu(recordNodeTarget(node), at);
      }}
      onHover={(id) => onMark(rangeOf((byId(id) ?? chosen)?.node ?? null))}
    />
  );
}

const rangeOf = (node: Node | null): ByteRange | null => (node === null || node.length === 0 ? null : [node.at, node.at + node.length]);
