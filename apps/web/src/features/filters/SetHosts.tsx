"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { Filter, FilterHost, FilterState } from "../../api/filters.ts";
import { hostCount, visible } from "../../domain/text.ts";
import { exact, si, span } from "../../domain/units.ts";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { TimeAgo } from "../../ui/TimeAgo.tsx";
import { Value } from "../../ui/Value.tsx";
import { VirtualTable } from "../../ui/VirtualTable.tsx";
import type { Column } from "../../ui/VirtualTable.tsx";
import { StateCounts } from "../app/StateCounts.tsx";
import { filterHref } from "../app/hostTargets.ts";
import { useValueMenu } from "../app/valueMenu.tsx";
import { filterHostTarget } from "./filterTarget.ts";
import { countsByState, filterState } from "./hostStates.ts";
import { WhyDialog } from "./WhyDialog.tsx";

const columns: readonly Column[] = [
  { id: "host", header: "Host", min: 140, grow: "1fr" },
  { id: "state", header: "State", min: 110 },
  { id: "cost", header: "Cost per packet", min: 120, align: "right" },
  { id: "instructions", header: "Instructions", min: 96, align: "right" },
  { id: "held", header: "Set in force", min: 96, align: "right" },
  { id: "at", header: "Answered", min: 96 },
  { id: "reason", header: "Reason", min: 200, grow: "2fr" },
];

export type SetHostsProps = {
  hosts: readonly FilterHost[];
  /** Whose hosts these are; null: of all filters. */
  filter: Filter | null;
  /** Only those are listed; null: all. */
  state: FilterState | null;
  onState: (state: FilterState | null) => void;
};

/** What each host made of its filters. A count lists exactly its hosts; a row that was refused opens its reason. */
export function SetHosts({ hosts, filter, state, onState }: SetHostsProps) {
  const [selected, setSelected] = useState(-1);
  const router = useRouter();
  const { show, menu } = useValueMenu({
    filterLabel: "On the screen of flows",
    onFilter: (filter) => router.push(filterHref("/flows", filter)),
  });
  const [why, setWhy] = useState<FilterHost | null>(null);
  const listed = state === null ? hosts : hosts.filter((host) => host.state === state);
  const open = (index: number) => {
    const host = listed[index];
    setSelected(index);
    if (host !== undefined && host.reason !== null) setWhy(host);
  };
  return (
    <>
      <StateCounts
        heading={
          <>
            {filter === null ? "All filters" : <code className="mono">{visible(filter.expression) || "everything"}</code>} on{" "}
            {hostCount(hosts.length)}
          </>
        }
        counts={countsByState(hosts)}
        chosen={state}
        onChoose={onState}
      />
      <VirtualTable
        label="Hosts of the filters"
        columns={columns}
        rowCount={listed.length}
        rowKey={(index) => listed[index]?.hostId ?? index}
        selected={selected}
        onSelect={setSelected}
        onOpen={open}
        clicks="open"
        cells={(index) => {
          const host = listed[index];
          return host === undefined ? [] : cellsOf(host);
        }}
        onMenu={({ index, column, x, y }) => {
          const host = listed[index];
          if (host === undefined) return;
          setSelected(index);
          show(filterHostTarget(host, column), { x, y });
        }}
        empty={
          <p className="p-4 text-muted">
            {hosts.length > 0
              ? "No host is in this state."
              : filter === null
                ? "No host is enrolled yet."
                : "No host has these labels yet."}
          </p>
        }
      />
      <WhyDialog host={why} onClose={() => setWhy(null)} />
      {menu}
    </>
  );
}

function cellsOf(host: FilterHost) {
  const look = filterState(host.state);
  return [
    <Link key="host" href={`/hosts/${host.hostId}`} tabIndex={-1} className="font-medium hover:underline">
      {visible(host.name)}
    </Link>,
    <span key="state" title={look.meaning}>
      <StatusDot tone={look.tone} shape={look.shape} label={look.label} />
    </span>,
    <Value key="cost" text={si(host.nsPerPacket)} unit="ns" />,
    <Value key="instructions" text={exact(host.instructions)} />,
    <Value key="held" text={host.state === "offline" ? "–" : String(host.held)} />,
    host.state === "pending" ? (
      <span key="at" className="text-muted">
        not yet
      </span>
    ) : (
      <TimeAgo key="at" at={host.at} say={span} />
    ),
    <span key="reason" title={host.reason === null ? undefined : visible(host.reason)}>
      {host.reason === null ? "" : visible(host.reason)}
    </span>,
  ];
}
