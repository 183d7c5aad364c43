"use client";
import { Bookmark, Copy, MessageSquare, Route, X } from "lucide-react";
import { curlOf } from "../../domain/packets/curl.ts";
import { conversationCapture, conversationTerm } from "../../domain/packets/expressions.ts";
import { bytesText, nodesNamed, treeJson } from "../../domain/packets/nodeText.ts";
import type { PacketDetail } from "../../domain/packets/types.ts";
import { visible } from "../../domain/text.ts";
import { IconButton } from "../../ui/IconButton.tsx";
import { PaneBar } from "../../ui/PaneBar.tsx";
import { Menu } from "../../ui/Menu.tsx";
import type { MenuItem } from "../../ui/Menu.tsx";
import { ToolButton } from "../../ui/ToolButton.tsx";
import { DetailPanes } from "./DetailPanes.tsx";
import type { Fields } from "./useFields.ts";
import type { ShowMenu } from "../app/valueMenu.tsx";

export type PacketPaneProps = {
  detail: PacketDetail;
  fields: Fields;
  only: "layers" | "bytes" | null;
  onMenu: ShowMenu;
  onCopy: (text: string, what: string) => void;
  onMark: () => void;
  onComment: () => void;
  onFollow: () => void;
  onClose: () => void;
};

/** The chosen packet: what can be done with it, its layers, its bytes. */
export function PacketPane({ detail, fields, only, onMenu, onCopy, onMark, onComment, onFollow, onClose }: PacketPaneProps) {
  const { row, stream } = detail;
  return (
    <aside id="packet-detail" aria-label="Packet" tabIndex={-1} className="flex min-h-0 flex-1 flex-col focus-visible:-outline-offset-2">
      <PaneBar
        title={
          <>
            {row.number} · {visible(row.protocol)} · {visible(row.source)} → {visible(row.destination)} · {visible(row.info)}
          </>
        }
      >
        {stream === null ? null : (
          <ToolButton className="h-6 text-xs" icon={<Route size={13} aria-hidden />} onClick={onFollow}>
            Follow stream
          </ToolButton>
        )}
        <ToolButton className="h-6 text-xs" aria-pressed={row.marked} icon={<Bookmark size={13} aria-hidden />} onClick={onMark}>
          {row.marked ? "Unmark" : "Mark"}
        </ToolButton>
        <ToolButton className="h-6 text-xs" icon={<MessageSquare size={13} aria-hidden />} onClick={onComment}>
          Comment
        </ToolButton>
        <Menu
          trigger={
            <ToolButton className="h-6 text-xs" icon={<Copy size={13} aria-hidden />}>
              Copy as
            </ToolButton>
          }
          groups={[{ label: "The packet as", items: copies(detail, onCopy) }]}
        />
        <IconButton label="Close the packet (Escape)" className="size-6" onClick={onClose}>
          <X size={15} aria-hidden />
        </IconButton>
      </PaneBar>
      {row.comments.length === 0 ? null : (
        <p className="shrink-0 border-b border-line px-4 py-1 text-sm whitespace-pre-wrap text-monitored">
          {row.comments.map(visible).join("\n")}
        </p>
      )}
      <DetailPanes detail={detail} fields={fields} onMenu={onMenu} only={only} />
    </aside>
  );
}

function copies(detail: PacketDetail, onCopy: PacketPaneProps["onCopy"]): MenuItem[] {
  const { layers, bytes, row } = detail;
  const capture = conversationCapture(layers);
  const term = conversationTerm(layers);
  const curl = curlOfPacket(detail);
  const item = (label: string, text: string | null, what: string): MenuItem => ({
    label,
    disabled: text === null,
    onSelect: () => (text === null ? undefined : onCopy(text, what)),
  });
  const json = () => JSON.stringify({ number: row.number, time: String(row.timeNs), ...treeJson(layers) }, null, 2);
  return [
    item("Capture filter (pcap-filter)", capture, "The capture filter"),
    item("Display filter", term, "The display filter"),
    item("curl", curl, "The curl command"),
    item("Hex", bytesText(bytes).replaceAll(":", " "), "The bytes"),
    { label: "JSON", onSelect: () => onCopy(json(), "The packet as JSON") },
  ];
}

/** The request that a TCP segment begins with. */
function curlOfPacket({ layers, bytes, row }: PacketDetail): string | null {
  const tcp = layers.findLast((one) => one.field.name === "tcp");
  const port = nodesNamed(layers, "tcp.dstport").at(-1)?.value;
  const ip = layers.findLast((one) => one.field.name === "ip" || one.field.name === "ipv6");
  if (tcp === undefined || ip === undefined || typeof port !== "number") return null;
  return curlOf(bytes.subarray(tcp.at + tcp.length), { address: row.destination, port });
}
