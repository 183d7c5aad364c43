"use client";
import type { Host } from "../../api/types.ts";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useMemo, useState } from "react";
import { fleetLanguage, toggleWord } from "../../domain/fleetFilter.ts";
import { labelText } from "../../domain/labels.ts";
import { hostMeaning, hostState } from "../../domain/states.ts";
import { visible } from "../../domain/text.ts";
import { si, signedNs, span } from "../../domain/units.ts";
import type { FleetRow, FleetSnapshot } from "../../live/fleetStore.ts";
import { Chip } from "../../ui/Chip.tsx";
import { Sparkline } from "../../ui/Sparkline.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { TimeAgo } from "../../ui/TimeAgo.tsx";
import { Value } from "../../ui/Value.tsx";
import { VirtualTable } from "../../ui/VirtualTable.tsx";
import type { Column } from "../../ui/VirtualTable.tsx";
import { useValueMenu } from "../app/valueMenu.tsx";
import { fleetTarget } from "./fleetTarget.ts";

const columns: readonly Column[] = [
  { id: "name", header: "Host", min: 140, grow: "min(18vw, 340px)" },
  { id: "status", header: "Status", min: 126, grow: "min(10vw, 180px)" },
  { id: "labels", header: "Labels", min: 150, grow: "1fr" },
  { id: "packets", header: "Packets/s", min: 158, align: "right" },
  { id: "bits", header: "Bits/s", min: 158, align: "right" },
  { id: "kernel", header: "Kernel", min: 116, grow: "min(10vw, 200px)", mono: true },
  { id: "agent", header: "Agent", min: 56, mono: true },
  { id: "seen", header: "Last heard", min: 84 },
  { id: "clock", header: "Clock offset", min: 80, align: "right" },
];

export type FleetTableProps = {
  hosts: readonly Host[];
  live: FleetSnapshot;
  /** The text that the list is narrowed by. */
  filter: string;
  onFilter: (text: string) => void;
};

/** The hosts that the filter keeps; a row opens its host, and any value has its menu. */
export function FleetTable({ hosts, live, filter, onFilter }: FleetTableProps) {
  const router = useRouter();
  const { show, menu } = useValueMenu({ filter, onFilter, language: fleetLanguage });
  const chosen = useMemo(() => new Set(filter.split(/\s+/)), [filter]);
  const [selected, setSelected] = useState(-1);
  const open = (index: number) => {
    const host = hosts[index];
    if (host !== undefined) router.push(`/hosts/${host.id}`);
  };
  const onLabel = (label: string) => onFilter(toggleWord(filter, label));
  return (
    <>
      <VirtualTable
        label="Hosts"
        columns={columns}
        rowCount={hosts.length}
        rowKey={(index) => hosts[index]?.id ?? index}
        selected={selected}
        onSelect={setSelected}
        onOpen={open}
        clicks="open"
        onMenu={({ index, column, part, x, y }) => {
          const host = hosts[index];
          if (host === undefined) return;
          setSelected(index);
          show(fleetTarget(host, live.get(host.id), column, part), { x, y });
        }}
        cells={(index) => {
          const host = hosts[index];
          return host === undefined ? [] : cellsOf(host, live.get(host.id), { chosen, onLabel });
        }}
        empty={<p className="p-4 text-muted">No host matches. Escape in the filter clears it.</p>}
      />
      {menu}
    </>
  );
}

type Labels = { chosen: ReadonlySet<string>; onLabel: (text: string) => void };

function cellsOf(host: Host, row: FleetRow | undefined, { chosen, onLabel }: Labels) {
  const status = row?.status ?? host.status;
  const look = hostState(status);
  const known = status === "live" && row !== undefined;
  return [
    <Link key="name" href={`/hosts/${host.id}`} tabIndex={-1} className="font-medium hover:underline">
      {visible(host.name)}
    </Link>,
    <span key="status" title={hostMeaning(status, host.refusal)}>
      <StatusDot tone={look.tone} shape={look.shape} label={look.label} />
    </span>,
    <span key="labels" title={host.labels.map(labelText).join(" ")} className="flex h-5 flex-wrap gap-1 overflow-hidden">
      {host.labels.map((label) => (
        <Chip
          key={label.key}
          part={labelText(label)}
          tabbable={false}
          action={`Show only hosts labelled ${labelText(label)}`}
          on={chosen.has(labelText(label))}
          onClick={() => onLabel(labelText(label))}
        >
          {labelText(label)}
        </Chip>
      ))}
    </span>,
    <Rate key="packets" values={row?.packets} value={known ? row.packetsPerSecond : null} name="Packets per second, last minute" />,
    <Rate key="bits" values={row?.bits} value={known ? row.bitsPerSecond : null} name="Bits per second, last minute" />,
    <Value key="kernel" text={visible(host.kernel ?? "–")} />,
    <Value key="agent" text={visible(host.agentVersion ?? "–")} />,
    status === "live" ? "now" : <TimeAgo key="seen" at={host.lastSeen} say={span} />,
    <Value key="clock" text={signedNs(host.clockOffsetNs)} />,
  ];
}

function Rate({ values, value, name }: { values: readonly number[] | undefined; value: number | null; name: string }) {
  return (
    <span className="flex items-center justify-end gap-3">
      <Sparkline values={values ?? []} label={name} />
      <Value text={si(value)} className="w-16 text-right" />
    </span>
  );
}
