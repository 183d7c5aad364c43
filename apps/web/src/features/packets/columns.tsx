import type { ReactNode } from "react";
import type { PacketRow } from "../../domain/packets/types.ts";
import { visible } from "../../domain/text.ts";
import { exact } from "../../domain/units.ts";
import { Value } from "../../ui/Value.tsx";
import type { Column } from "../../ui/VirtualTable.tsx";

/** A column of the packet list; `cell` gets the row's time as it is written now. */
export type PacketColumn = Column & { readonly name: string; readonly cell: (row: PacketRow, time: string) => ReactNode };

const unknown = <Value text="–" />;
const named = (text: string | null): ReactNode => (text === null ? unknown : visible(text));

const protocolInk: readonly (readonly [RegExp, string])[] = [
  [/^ARP/, "text-arp"],
  [/^(ICMP|IGMP)/, "text-icmp"],
  [/^(TCP|HTTP|TLS|SSL)/, "text-tcp"],
  [/^(UDP|DNS|MDNS|DHCP|NTP|QUIC)/, "text-udp"],
  [/^(VXLAN|GENEVE|GRE)/i, "text-tunnelled"],
  [/^(IP|SCTP)/, "text-ip"],
];
const inkOf = (protocol: string): string => protocolInk.find(([names]) => names.test(protocol))?.[1] ?? "text-other";

export const packetColumns: readonly PacketColumn[] = [
  {
    id: "number",
    name: "Number",
    header: "No.",
    min: 64,
    align: "right",
    mono: true,
    cell: (row) => (
      <span className={row.marked ? "font-semibold text-accent" : "text-muted"}>
        {row.marked ? (
          <>
            <span aria-hidden>◆ </span>
            <span className="sr-only">marked </span>
          </>
        ) : null}
        {row.number}
      </span>
    ),
  },
  {
    id: "time",
    name: "Time",
    header: "Time",
    min: 136,
    grow: "max-content",
    mono: true,
    cell: (_row, time) => <span className="text-muted">{time}</span>,
  },
  { id: "host", name: "Host", header: "Host", min: 90, grow: "140px", cell: (row) => named(row.host) },
  { id: "interface", name: "Interface", header: "Interface", min: 84, grow: "140px", mono: true, cell: (row) => named(row.interfaceName) },
  { id: "direction", name: "Way", header: "Way", min: 40, cell: (row) => row.direction ?? unknown },
  { id: "source", name: "Source", header: "Source", min: 130, grow: "min(15vw, 320px)", mono: true, cell: (row) => visible(row.source) },
  {
    id: "destination",
    name: "Destination",
    header: "Destination",
    min: 130,
    grow: "min(15vw, 320px)",
    mono: true,
    cell: (row) => visible(row.destination),
  },
  {
    id: "protocol",
    name: "Protocol",
    header: "Protocol",
    min: 72,
    cell: (row) => <span className={inkOf(row.protocol)}>{visible(row.protocol)}</span>,
  },
  { id: "length", name: "Length", header: "Length", min: 56, align: "right", mono: true, cell: (row) => exact(row.length) },
  {
    id: "info",
    name: "Info",
    header: "Info",
    min: 240,
    grow: "1fr",
    mono: true,
    cell: (row) => (
      <span title={visible(row.info)}>
        {row.comments.length > 0 ? <span className="text-monitored">[{visible(row.comments.join(" · "))}] </span> : null}
        {visible(row.info)}
      </span>
    ),
  },
];

const usual = new Set(["number", "time", "source", "destination", "protocol", "length", "info"]);

/** The ids of the columns that are shown, as this browser keeps them; "" for the usual ones, with host and interface where several are. */
export function columnsShown(text: string, several: boolean): readonly PacketColumn[] {
  if (text === "") return packetColumns.filter(({ id }) => usual.has(id) || (several && (id === "host" || id === "interface")));
  const wanted = new Set(text.split(","));
  return packetColumns.filter(({ id }) => wanted.has(id));
}

/** The same with one column more or less; the last one stays. */
export function columnsWith(shown: readonly PacketColumn[], id: string): string {
  const ids = packetColumns.filter((one) => shown.includes(one) !== (one.id === id)).map((one) => one.id);
  return (ids.length === 0 ? shown.map((one) => one.id) : ids).join(",");
}
