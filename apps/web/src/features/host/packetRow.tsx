import type { ReactNode } from "react";
import * as rec from "../../domain/record.ts";
import type { RecordRef } from "../../domain/record.ts";
import { summarise } from "../../domain/summary.ts";
import type { ProtoGroup } from "../../domain/summary.ts";
import type { TimeMode } from "../../domain/time.ts";
import { exact } from "../../domain/units.ts";
import type { Column } from "../../ui/VirtualTable.tsx";

const timeHeaders: Record<TimeMode, string> = {
  local: "Time (local)",
  utc: "Time (UTC)",
  relative: "Time (relative)",
  delta: "Time (delta)",
};

export function packetColumns(mode: TimeMode): readonly Column[] {
  return [
    { id: "time", header: timeHeaders[mode], track: "132px", mono: true },
    { id: "interface", header: "Interface", track: "84px", mono: true },
    { id: "direction", header: "Way", track: "44px" },
    { id: "source", header: "Source", track: "minmax(150px, min(16vw, 340px))", mono: true },
    { id: "destination", header: "Destination", track: "minmax(150px, min(16vw, 340px))", mono: true },
    { id: "protocol", header: "Protocol", track: "76px" },
    { id: "length", header: "Length", track: "56px", align: "right", mono: true },
    { id: "info", header: "Info", track: "minmax(220px, 1fr)", mono: true },
  ];
}

/** Whole class names, because Tailwind reads them from the source. */
const groupInk: Record<ProtoGroup, string> = {
  tcp: "text-tcp",
  udp: "text-udp",
  icmp: "text-icmp",
  ip: "text-ip",
  arp: "text-arp",
  other: "text-other",
};

/** The cells of one packet, in the columns' order. */
export function rowCells(record: RecordRef, row: { time: string; interfaceName: string }): readonly ReactNode[] {
  const summary = summarise(record);
  return [
    <span key="time" className="text-muted">
      {row.time}
    </span>,
    row.interfaceName,
    <Way key="way" direction={rec.direction(record)} />,
    summary.source,
    summary.destination,
    <span key="protocol" className={groupInk[summary.group]}>
      {summary.protocol}
    </span>,
    exact(rec.wireLen(record)),
    <span key="info" title={summary.info}>
      {summary.info}
    </span>,
  ];
}

function Way({ direction }: { direction: number }) {
  if (direction !== 1 && direction !== 2) return <>–</>;
  const inward = direction === 1;
  return (
    <span className="inline-flex items-baseline gap-1">
      <span aria-hidden className="text-muted">
        {inward ? "←" : "→"}
      </span>
      {inward ? "in" : "out"}
    </span>
  );
}
