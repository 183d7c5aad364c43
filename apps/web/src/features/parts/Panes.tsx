"use client";
import { Download, Search } from "lucide-react";
import { useState } from "react";
import { Button } from "../../ui/Button.tsx";
import { FileButton } from "../../ui/FileButton.tsx";
import { HexView } from "../../ui/HexView.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Progress } from "../../ui/Progress.tsx";
import { rowToneNames } from "../../ui/rowTones.ts";
import { SplitPane } from "../../ui/SplitPane.tsx";
import { StreamBlock } from "../../ui/StreamBlock.tsx";
import { TextArea } from "../../ui/TextArea.tsx";
import { ToolButton } from "../../ui/ToolButton.tsx";
import { Tree } from "../../ui/Tree.tsx";
import type { TreeRow } from "../../ui/Tree.tsx";
import { VirtualTable } from "../../ui/VirtualTable.tsx";

const rows: readonly TreeRow[] = [
  { id: "0", level: 1, label: "Ethernet", value: "02:00:00:00:00:01 → 02:00:00:00:00:02", expanded: false, heading: true },
  { id: "1", level: 1, label: "IPv4", value: "192.0.2.1 → 198.51.100.2", expanded: true, heading: true },
  { id: "1.0", level: 2, label: "Time to live", value: "64", expanded: null, heading: false },
  { id: "1.1", level: 2, label: "Flags", value: "0x02", expanded: true, heading: false },
  { id: "1.1.0", level: 3, label: "Don't fragment", value: "Set", expanded: null, heading: false },
  { id: "2", level: 1, label: "TCP", value: "", expanded: false, heading: true, problem: "cut off by the capture" },
];
const bytes = new DataView(Uint8Array.from({ length: 74 }, (_, i) => (i * 37 + 32) & 0xff).buffer);
const nothing = () => {};

/** What the Packets screen is made of. */
export function Panes() {
  const [share, setShare] = useState(55);
  const [selected, setSelected] = useState<string | null>("1.0");
  const [ticked, setTicked] = useState(true);
  const [comment, setComment] = useState("Retransmitted after 200 ms");
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap items-center gap-3">
        <FileButton label="Choose a file" accept=".pcap" onFile={nothing} />
        <ToolButton icon={<Search size={14} aria-hidden />}>Find</ToolButton>
        <Menu
          trigger={<Button icon={<Download size={14} aria-hidden />}>A menu</Button>}
          groups={[
            { label: "Acts", items: [{ label: "Include", hint: "ip.ttl == 64", onSelect: nothing }] },
            { label: "Ticks", items: [{ label: "Number", checked: ticked, onSelect: () => setTicked(!ticked) }] },
          ]}
        />
        <Progress label="Example" value={40} max={100} text="40 of 100 MB" />
        <Progress label="Example without an end" value={40} max={null} text="40 MB" />
      </div>
      <div className="flex h-56 border border-line">
        <SplitPane
          label="Width of the example"
          direction="columns"
          share={share}
          onShare={setShare}
          first={
            <Tree
              label="Example layers"
              rows={rows}
              selected={selected}
              onSelect={setSelected}
              onToggle={nothing}
              onHover={nothing}
              onMenu={nothing}
            />
          }
          second={
            <div className="overflow-auto px-4 py-2">
              <HexView bytes={bytes} marked={[22, 23]} hovered={[26, 34]} onPick={nothing} onHover={nothing} />
            </div>
          }
        />
      </div>
      <div className="flex h-96 flex-col border border-line">
        <VirtualTable
          label="Example tones"
          columns={[{ id: "tone", header: "Tone", min: 160, grow: "1fr" }]}
          rowCount={rowToneNames.length}
          rowKey={(index) => index}
          rowTone={(index) => rowToneNames[index] ?? null}
          selected={-1}
          onSelect={nothing}
          cells={(index) => [rowToneNames[index] ?? ""]}
        />
      </div>
      <div className="grid gap-6 xl:grid-cols-2">
        <div className="flex flex-col gap-2">
          <StreamBlock
            side={0}
            who="192.0.2.1:51234"
            where="packet 4"
            gap={null}
            text={"GET / HTTP/1.1\nHost: example.net"}
            onWhere={nothing}
          />
          <StreamBlock
            side={1}
            who="198.51.100.2:80"
            where="packet 6"
            gap="1 448 bytes are not in the capture"
            text="HTTP/1.1 200 OK"
            onWhere={nothing}
          />
        </div>
        <TextArea label="Comment" value={comment} onChange={setComment} rows={3} maxLength={200} />
      </div>
    </div>
  );
}
