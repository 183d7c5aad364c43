"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { CaptureDetail, CaptureHost, CaptureHostState } from "../../api/captures.ts";
import { visible } from "../../domain/text.ts";
import { exact, signedNs } from "../../domain/units.ts";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { Value } from "../../ui/Value.tsx";
import { VirtualTable, type Column } from "../../ui/VirtualTable.tsx";
import { StateCounts } from "../app/StateCounts.tsx";
import { useUrlState } from "../app/useUrlState.ts";
import { filterHref } from "../app/hostTargets.ts";
import { useValueMenu } from "../app/valueMenu.tsx";
import { captureCounts, captureState, isCaptureHostState } from "./captureStates.ts";
import { captureHostTarget } from "./captureTarget.ts";

const columns: readonly Column[] = [
  { id: "host", header: "Host", min: 140, grow: "1fr" },
  { id: "state", header: "State", min: 100 },
  { id: "packets", header: "In the file", min: 96, align: "right" },
  { id: "matched", header: "Matched", min: 96, align: "right" },
  { id: "sampled", header: "Sampled out", min: 96, align: "right" },
  { id: "lost", header: "Lost", min: 72, align: "right" },
  { id: "bytes", header: "Bytes a packet", min: 104, align: "right" },
  { id: "clock", header: "Clock offset", min: 150, align: "right" },
  { id: "reason", header: "Why", min: 160, grow: "2fr" },
];

/** What every host made of the capture; a count lists exactly its hosts. */
export function CaptureHosts({ capture }: { capture: CaptureDetail }) {
  const { hosts, snaplen: asked } = capture;
  const router = useRouter();
  const { show, menu } = useValueMenu({
    filterLabel: "Among the packets of the capture",
    onFilter: (filter) => router.push(filterHref("/packets", filter, { capture: capture.id })),
  });
  const [text, setState] = useUrlState("state");
  const [selected, setSelected] = useState(-1);
  const state = isCaptureHostState(text) ? text : null;
  const listed = state === null ? hosts : hosts.filter((host) => host.state === state);
  return (
    <>
      <StateCounts heading="Hosts" counts={captureCounts(statesOf(hosts))} chosen={state} onChoose={(next) => setState(next ?? "")} />
      <VirtualTable
        label="Hosts of the capture"
        columns={columns}
        rowCount={listed.length}
        rowKey={(index) => listed[index]?.hostId ?? index}
        cells={(index) => {
          const host = listed[index];
          return host === undefined ? [] : cellsOf(host, asked);
        }}
        selected={selected}
        onSelect={setSelected}
        onMenu={({ index, column, x, y }) => {
          const host = listed[index];
          if (host === undefined) return;
          setSelected(index);
          show(captureHostTarget(host, capture.expression, column), { x, y });
        }}
        empty={<p className="p-4 text-muted">No host is in this state.</p>}
      />
      {menu}
    </>
  );
}

function statesOf(hosts: readonly CaptureHost[]): Partial<Record<CaptureHostState, number>> {
  const states: Partial<Record<CaptureHostState, number>> = {};
  for (const { state } of hosts) states[state] = (states[state] ?? 0) + 1;
  return states;
}

function cellsOf(host: CaptureHost, asked: number) {
  const look = captureState(host.state);
  const less = host.snaplen !== null && host.snaplen < asked;
  return [
    <Link key="host" href={`/hosts/${host.hostId}`} tabIndex={-1} className="font-medium hover:underline">
      {visible(host.name)}
    </Link>,
    <span key="state" title={look.meaning}>
      <StatusDot tone={look.tone} shape={look.shape} label={look.label} />
    </span>,
    exact(host.packets),
    exact(host.matched),
    <span key="sampled" title={host.sampleN === 1 ? "Every packet that matched" : `1 in ${exact(host.sampleN)} at most`}>
      {exact(host.sampledOut)}
    </span>,
    <span key="lost" className={host.lost === "0" ? undefined : "text-dropped"}>
      {exact(host.lost)}
    </span>,
    <span key="bytes" title={less ? "The host's own limit allows no more" : undefined} className={less ? "text-monitored" : undefined}>
      {exact(host.snaplen)}
      {less ? ", limited" : ""}
    </span>,
    <Value
      key="clock"
      text={host.clockOffsetNs === null ? "–" : `${signedNs(host.clockOffsetNs)} ± ${signedNs(host.clockErrorNs).replace("+", "")}`}
      title="The host's clock less the hub's. Times in the file are the hub's."
    />,
    host.reason === null ? "" : visible(host.reason),
  ];
}
