"use client";
import { FolderOpen, Pause, Play, Radio, X } from "lucide-react";
import { bytesText } from "../../domain/storage.ts";
import { visible } from "../../domain/text.ts";
import { exact } from "../../domain/units.ts";
import type { LiveHold, LivePackets, LiveState } from "../../live/packets/livePackets.ts";
import type { TableState } from "../../live/packets/messages.ts";
import type { Source } from "../../live/packets/pagePackets.ts";
import { Button } from "../../ui/Button.tsx";
import { FileButton } from "../../ui/FileButton.tsx";
import { Progress } from "../../ui/Progress.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { ToolButton } from "../../ui/ToolButton.tsx";

export const CAPTURE_FILES = ".pcap,.pcapng,.cap,.dmp,application/vnd.tcpdump.pcap,application/x-pcapng";

const heldWords: Record<LiveHold, string> = {
  paused: "Paused",
  walking: "Held while you walk packets",
  scrolled: "Held: scrolled up",
  pointer: "Held while the pointer is over the list",
};

export type SourceBarProps = {
  source: Source;
  table: TableState | null;
  live: LivePackets | null;
  liveState: LiveState | null;
  onFile: (file: File) => void;
  onWatch: () => void;
  onCancel: () => void;
  onClose: () => void;
};

/** What is open, how far it is read, and what else can be opened. */
export function SourceBar({ source, table, live, liveState, onFile, onWatch, onCancel, onClose }: SourceBarProps) {
  const open = source.type !== "none";
  return (
    <>
      {live === null || liveState === null ? null : <LiveControl live={live} state={liveState} />}
      {table?.phase === "loading" ? (
        <>
          <Progress label={`Reading ${visible(table.name)}`} value={table.bytes} max={table.totalBytes} text={progressText(table)} />
          <Button onClick={onCancel}>Stop reading</Button>
        </>
      ) : null}
      <FileButton tool label="Open a capture file" accept={CAPTURE_FILES} icon={<FolderOpen size={14} aria-hidden />} onFile={onFile} />
      <ToolButton icon={<Radio size={14} aria-hidden />} onClick={onWatch}>
        Watch hosts
      </ToolButton>
      {open ? (
        <ToolButton look="quiet" icon={<X size={14} aria-hidden />} onClick={onClose}>
          Close
        </ToolButton>
      ) : null}
    </>
  );
}

function progressText({ bytes, totalBytes, packets }: TableState): string {
  const share = totalBytes === null || totalBytes === 0 ? "" : ` of ${bytesText(totalBytes)}`;
  return `${bytesText(bytes)}${share}, ${exact(packets)} packets`;
}

function LiveControl({ live, state }: { live: LivePackets; state: LiveState }) {
  const { held, fresh } = state;
  const paused = held === "paused";
  return (
    <>
      <span role="status" aria-label="Packet list" className="inline-flex items-center gap-2 text-xs">
        {held === null ? (
          <StatusDot tone="ok" shape="filled" label="Following" />
        ) : (
          <StatusDot tone="monitored" shape="half" label={heldWords[held]} />
        )}
        {held === null ? null : <span className="text-muted">{exact(fresh)} new</span>}
      </span>
      <Button
        look={paused ? "primary" : "plain"}
        icon={paused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}
        onClick={() => (paused ? live.release("paused", "walking", "scrolled") : live.hold("paused"))}
      >
        {paused ? "Resume" : "Pause"}
      </Button>
    </>
  );
}
