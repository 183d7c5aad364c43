"use client";
import type { Host } from "../../api/types.ts";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { hostMeaning, hostState } from "../../domain/states.ts";
import { visible } from "../../domain/text.ts";
import { si, signedNs, span } from "../../domain/units.ts";
import type { FleetRow, FleetSnapshot } from "../../live/fleetStore.ts";
import { Sparkline } from "../../ui/Sparkline.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { TimeAgo } from "../../ui/TimeAgo.tsx";
import { Value } from "../../ui/Value.tsx";
import { VirtualTable } from "../../ui/VirtualTable.tsx";
import type { Column } from "../../ui/VirtualTable.tsx";

const columns: readonly Column[] = [
  { id: "name", header: "Host", min: 160, grow: "min(22vw, 420px)" },
  { id: "status", header: "Status", min: 130, grow: "min(11vw, 200px)" },
  { id: "packets", header: "Packets/s", min: 170, align: "right" },
  { id: "bits", header: "Bits/s", min: 170, align: "right" },
  { id: "interfaces", header: "Interfaces", min: 72, align: "right" },
  { id: "kernel", header: "Kernel", min: 132, grow: "min(12vw, 220px)", mono: true },
  { id: "agent", header: "Agent", min: 64, mono: true },
  { id: "seen", header: "Last heard", min: 100 },
  { id: "clock", header: "Clock offset", min: 88, align: "right" },
];

export function FleetTable({ hosts, live }: { hosts: readonly Host[]; live: FleetSnapshot }) {
  const router = useRouter();
  const [selected, setSelected] = useState(-1);
  const open = (index: number) => {
    const host = hosts[index];
    if (host !== undefined) router.push(`/hosts/${host.id}`);
  };
  return (
    <VirtualTable
      label="Hosts"
      columns={columns}
      rowCount={hosts.length}
      rowKey={(index) => hosts[index]?.id ?? index}
      selected={selected}
      onSelect={(index, how) => (how === "click" ? open(index) : setSelected(index))}
      onOpen={open}
      cells={(index) => {
        const host = hosts[index];
        return host === undefined ? [] : cellsOf(host, live.get(host.id));
      }}
    />
  );
}

function cellsOf(host: Host, row: FleetRow | undefined) {
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
    <Rate key="packets" values={row?.packets} value={known ? row.packetsPerSecond : null} name="Packets per second, last minute" />,
    <Rate key="bits" values={row?.bits} value={known ? row.bitsPerSecond : null} name="Bits per second, last minute" />,
    <Value key="interfaces" text={String(host.interfaceCount)} />,
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
