"use client";
import { useState } from "react";
import { exact, plusMinus, si, signedNs, span } from "../../domain/units.ts";
import { HexView } from "../../ui/HexView.tsx";
import { KeyValue } from "../../ui/KeyValue.tsx";
import { MenuAt } from "../../ui/Menu.tsx";
import { MenuValue } from "../../ui/MenuValue.tsx";
import { Empty } from "../../ui/Notice.tsx";
import { Sparkline } from "../../ui/Sparkline.tsx";
import { TimeAgo } from "../../ui/TimeAgo.tsx";
import { Value } from "../../ui/Value.tsx";
import { VirtualTable } from "../../ui/VirtualTable.tsx";
import type { Column } from "../../ui/VirtualTable.tsx";

const columns: readonly Column[] = [
  { id: "name", header: "Name", min: 160 },
  { id: "address", header: "Address", min: 0, grow: "1fr", mono: true },
  { id: "rate", header: "Packets/s", min: 100, align: "right" },
];
const wave = Array.from({ length: 60 }, (_, i) => 40 + 30 * Math.sin(i / 6) + (i % 7) * 4);
const bytes = new DataView(Uint8Array.from({ length: 74 }, (_, i) => (i * 37 + 32) & 0xff).buffer);

export function Data() {
  const [selected, setSelected] = useState(2);
  const [menuAt, setMenuAt] = useState<{ readonly x: number; readonly y: number } | null>(null);
  return (
    <div className="grid gap-6 xl:grid-cols-2">
      <KeyValue
        items={[
          { key: "Zero", value: <Value text={si(0)} /> },
          { key: "Unknown", value: <Value text={si(null)} /> },
          { key: "SI", value: <Value text={`${si(7)}   ${si(999)}   ${si(1234)}   ${si(45_600_000)}   ${si(0.25)}`} /> },
          { key: "With unit", value: <Value text={si(1.5e9)} unit="bit/s" /> },
          { key: "Scaled up from samples", value: <Value text={plusMinus(12_300, 410)} /> },
          { key: "Exact", value: <Value text={exact("18446744073709551615")} /> },
          { key: "Clock offset", value: <Value text={signedNs("-1204000")} /> },
          { key: "Time ago", value: <TimeAgo at="2026-01-01T00:00:00Z" say={span} /> },
          { key: "Never", value: <TimeAgo at={null} say={span} /> },
          { key: "With a menu", value: <MenuValue onMenu={setMenuAt}>192.0.2.1</MenuValue> },
          { key: "Sparkline", value: <Sparkline values={wave} label="Example rate" /> },
        ]}
      />
      <MenuAt
        at={menuAt}
        heading="Address 192.0.2.1"
        groups={[{ label: "Copy", items: [{ label: "Value", hint: "192.0.2.1", onSelect: () => setMenuAt(null) }] }]}
        onClose={() => setMenuAt(null)}
        back={() => null}
      />
      <HexView bytes={bytes} marked={[14, 34]} />
      <div className="flex h-60 flex-col border border-line">
        <VirtualTable
          label="Example rows"
          columns={columns}
          rowCount={1000}
          rowKey={(index) => index}
          selected={selected}
          onSelect={setSelected}
          cells={(index) => [`host-${index}`, `2001:db8::${index.toString(16)}`, si(index * index)]}
        />
      </div>
      <div className="flex h-60 flex-col border border-line">
        <VirtualTable
          label="Example without rows"
          columns={columns}
          rowCount={0}
          rowKey={(index) => index}
          selected={-1}
          onSelect={setSelected}
          cells={() => []}
          empty={<Empty title="No row matches">Rows are here, but none contains the text of the filter.</Empty>}
        />
      </div>
    </div>
  );
}
