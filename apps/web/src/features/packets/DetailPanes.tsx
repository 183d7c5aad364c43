"use client";
import { useMemo, useState } from "react";
import { nodeAtByte } from "../../domain/packets/nodeText.ts";
import type { PacketDetail } from "../../domain/packets/types.ts";
import type { Node } from "../../domain/dissect/tree.ts";
import { HexView } from "../../ui/HexView.tsx";
import type { ByteRange } from "../../ui/HexView.tsx";
import { SplitPane } from "../../ui/SplitPane.tsx";
import { Tree } from "../../ui/Tree.tsx";
import { useRemembered } from "../app/useRemembered.ts";
import { nodeTarget } from "./nodeTarget.ts";
import { placed, revealed, rowsInSight, toggled } from "./treeRows.ts";
import type { Placed } from "./treeRows.ts";
import type { Fields } from "./useFields.ts";
import type { ShowMenu } from "../app/valueMenu.tsx";

export type DetailPanesProps = {
  detail: PacketDetail;
  fields: Fields;
  onMenu: ShowMenu;
  /** One of the panes alone, where there is no room for both. */
  only: "layers" | "bytes" | null;
};

/** A packet's layers and its bytes. A field marks the bytes it was read from; a byte chooses the deepest field that was read from it. */
export function DetailPanes({ detail, fields, onMenu, only }: DetailPanesProps) {
  const [share, setShare] = useRemembered("packets.bytes");
  const { path, setPath, unfolded, unfold } = fields;
  const [hover, setHover] = useState<Node | null>(null);
  const all = useMemo(() => placed(detail.layers), [detail]);
  const rows = useMemo(() => rowsInSight(all, unfolded), [all, unfolded]);
  const view = useMemo(() => new DataView(detail.bytes.buffer, detail.bytes.byteOffset, detail.bytes.byteLength), [detail]);
  const chosen = all.find((one) => one.path === path) ?? null;
  const byId = (id: string | null): Placed | null => all.find((one) => one.id === id) ?? null;

  const choose = (node: Node | null) => {
    const one = all.find((other) => other.node === node);
    if (one === undefined) return;
    setPath(one.path);
    unfold((was) => revealed(one, all, was));
  };
  const layers = (
    <Tree
      label="Layers"
      rows={rows}
      selected={chosen?.id ?? null}
      onSelect={(id) => setPath(byId(id)?.path ?? null)}
      onToggle={(id) => {
        const one = byId(id);
        if (one !== null && one.node.children.length > 0) unfold((was) => toggled(one, was));
      }}
      onHover={(id) => setHover(byId(id)?.node ?? null)}
      onMenu={(id, at) => {
        const node = byId(id)?.node;
        if (node !== undefined) onMenu(nodeTarget(node), at);
      }}
    />
  );
  const bytes = (
    <div className="min-h-0 flex-1 overflow-auto px-4 py-2">
      <HexView
        bytes={view}
        marked={rangeOf(chosen?.node ?? null)}
        hovered={rangeOf(hover)}
        onPick={(at) => choose(nodeAtByte(detail.layers, at))}
        onHover={(at) => setHover(at === null ? null : nodeAtByte(detail.layers, at))}
      />
    </div>
  );
  if (only !== null) return only === "layers" ? layers : bytes;
  return (
    <SplitPane
      label="Width of the layers"
      direction="columns"
      share={Number(share) || 58}
      onShare={(next) => setShare(String(next))}
      first={layers}
      second={bytes}
    />
  );
}

const rangeOf = (node: Node | null): ByteRange | null => (node === null || node.length === 0 ? null : [node.at, node.at + node.length]);
