"use client";
import { useState } from "react";
import { Button } from "../../ui/Button.tsx";
import { CellField } from "../../ui/CellField.tsx";
import { Chip } from "../../ui/Chip.tsx";
import { ExpressionInput } from "../../ui/ExpressionInput.tsx";
import { FaultMark } from "../../ui/FaultMark.tsx";
import { Kbd } from "../../ui/Kbd.tsx";
import { Lines } from "../../ui/Lines.tsx";
import { Listing } from "../../ui/Listing.tsx";
import { Meter } from "../../ui/Meter.tsx";
import { Palette } from "../../ui/Palette.tsx";
import { SearchField } from "../../ui/SearchField.tsx";
import { ShareBar } from "../../ui/ShareBar.tsx";
import { SidePanel } from "../../ui/SidePanel.tsx";
import { TimeField } from "../../ui/TimeField.tsx";

const offer = (text: string, position: number) => ({
  from: 0,
  to: position,
  options: text === "" ? [{ label: "tcp", detail: "TCP" }] : [],
});

/** Lines to write in, and small things that say how much. */
export function Forms() {
  const [text, setText] = useState("");
  const [palette, setPalette] = useState(false);
  return (
    <>
      <div className="flex max-w-3xl flex-col gap-3">
        <ExpressionInput
          label="Example expression"
          placeholder="tcp port 443"
          value={text}
          onChange={setText}
          complete={offer}
          faultId={null}
        />
        <FaultMark text="tcp prot 443" position={4} length={4} visible={(plain) => plain} />
        <div className="flex flex-wrap items-center gap-4">
          <SearchField label="Example search" placeholder="Name or label" value={text} onChange={setText} />
          <TimeField label="From" value="2026-01-01T00:00:00" onChange={() => {}} />
          <CellField label="Days" value="7" fault={null} onChange={() => {}} />
          <CellField label="Days, wrong" value="x" fault="1 to 3650" onChange={() => {}} />
          <Kbd>Ctrl+K</Kbd>
          <Button onClick={() => setPalette(true)}>Open the palette</Button>
        </div>
        <Meter label="Packets" value={36_000} max={100_000} text="36 000 of at most 100 000" />
        <Lines lines={["0: (85) call bpf_ktime_get_ns#5", "processed 1 insns (limit 1000000)"]} />
      </div>
      <div className="flex h-64 border border-line">
        <div className="min-w-0 flex-1 p-4">
          <Listing
            label="Example listing"
            columns={[
              { id: "name", header: "Expression", mono: true, wide: true },
              { id: "hosts", header: "Hosts" },
              { id: "share", header: "Share", align: "right" },
              { id: "bar", header: <span className="sr-only">As a bar</span> },
            ]}
            rows={[
              { id: "1", chosen: true, cells: ["udp port 53", <Chip key="c">env=prod</Chip>, "72 %", <Bar key="b" share={0.72} />] },
              { id: "2", cells: ["tcp[tcpflags] & tcp-rst != 0", <Chip key="c">all</Chip>, "28 %", <Bar key="b" share={0.28} />] },
            ]}
          />
        </div>
        <SidePanel label="Example panel" heading="A row in full" closeLabel="Close the example" onClose={() => {}}>
          What does not fit into the row stands here.
        </SidePanel>
      </div>
      <Palette
        open={palette}
        onOpenChange={setPalette}
        groups={[{ label: "Screens", items: [{ id: "1", label: "Fleet", detail: "5 hosts", run: () => {} }] }]}
      />
    </>
  );
}

function Bar({ share }: { share: number }) {
  return (
    <span className="block w-24">
      <ShareBar share={share} />
    </span>
  );
}
