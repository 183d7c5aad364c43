import type { ReactNode } from "react";
import * as rec from "../../domain/record.ts";
import type { RecordRef } from "../../domain/record.ts";
import { infoOf, summarise } from "../../domain/summary.ts";
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
    { id: "time", header: timeHeaders[mode], min: 132, mono: true },
    { id: "interface", header: "Interface", min: 84, mono: true },
    { id: "direction", header: "Way", min: 44 },
    { id: "source", header: "Source", min: 150, grow: "min(16vw, 340px)", mono: true },
    { id: "destination", header: "Destination", min: 150, grow: "min(16vw, 340px)", mono: true },
    { id: "protocol", header: "Protocol", min: 76 },
    { id: "length", header: "Length", min: 56, align: "right", mono: true },
    { id: "info", header: "Info", min: 220, grow: "1fr", mono: true },
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
    <span key="info" title={infoOf(summary)}>
      {summary.tunnel === null ? null : <span className="text-tunnelled">{summary.tunnel} · </span>}
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
