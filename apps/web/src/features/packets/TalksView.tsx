"use client";
import { useState } from "react";
import { endpointText } from "../../domain/address.ts";
import { rowTime } from "../../domain/packets/rowTime.ts";
import type { Conversation, Endpoint, Talker, TalkKind } from "../../domain/packets/types.ts";
import { bytesText } from "../../domain/storage.ts";
import { visible } from "../../domain/text.ts";
import { exact, si } from "../../domain/units.ts";
import type { TableState } from "../../live/packets/messages.ts";
import type { PagePackets } from "../../live/packets/pagePackets.ts";
import { Button } from "../../ui/Button.tsx";
import { Empty } from "../../ui/Notice.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { Value } from "../../ui/Value.tsx";
import { VirtualTable } from "../../ui/VirtualTable.tsx";
import type { Column } from "../../ui/VirtualTable.tsx";
import { useAsked } from "./useAsked.ts";
import type { ShowMenu } from "../app/valueMenu.tsx";

const kinds = [
  { value: "eth", label: "Ethernet" },
  { value: "ip", label: "IP" },
  { value: "tcp", label: "TCP" },
  { value: "udp", label: "UDP" },
] as const satisfies readonly { value: TalkKind; label: string }[];

const numbers = (ids: readonly (readonly [string, string])[]): Column[] =>
  ids.map(([id, header]) => ({ id, header, min: 80, grow: "110px", align: "right" }));
const conversationColumns: readonly Column[] = [
  { id: "a", header: "Address A", min: 180, grow: "1fr", mono: true },
  { id: "b", header: "Address B", min: 180, grow: "1fr", mono: true },
  ...numbers([
    ["packets", "Packets"],
    ["bytes", "Bytes"],
    ["packetsAB", "Packets A→B"],
    ["bytesAB", "Bytes A→B"],
    ["packetsBA", "Packets B→A"],
    ["bytesBA", "Bytes B→A"],
    ["start", "Start, s"],
    ["duration", "Lasted, s"],
    ["rateAB", "bit/s A→B"],
    ["rateBA", "bit/s B→A"],
  ]),
];
const endpointColumns: readonly Column[] = [
  { id: "a", header: "Address", min: 180, grow: "1fr", mono: true },
  ...numbers([
    ["packets", "Packets"],
    ["bytes", "Bytes"],
    ["sent", "Packets sent"],
    ["bytesSent", "Bytes sent"],
    ["received", "Packets received"],
    ["bytesReceived", "Bytes received"],
  ]),
];

export type TalksViewProps = {
  session: PagePackets;
  table: TableState;
  view: "conversations" | "endpoints";
  /** Shows only the packets of a row. */
  onOnly: (filter: string) => void;
  onMenu: ShowMenu;
};

const nameOf = ({ address, port }: Talker): string => endpointText(visible(address), port);
const bitRate = (bytes: number, ns: number): string => si(ns > 0 ? (bytes * 8e9) / ns : null);

/** Who talks to whom in the view, by layer, the largest first. Enter or a double click shows the packets of a row. */
export function TalksView({ session, table, view, onOnly, onMenu }: TalksViewProps) {
  const [kind, setKind] = useState<TalkKind>("ip");
  const [selected, setSelected] = useState(-1);
  const { client } = session;
  const key = `${view} ${kind} ${table.filter} ${table.shown} ${table.unfiltered} ${table.firstNumber}`;
  const asked = useAsked(key, async () => {
    if (view === "conversations") {
      const { total, rows } = await client.conversations(kind);
      return { total, rows: rows.map((one) => ({ filter: one.filter, cells: conversationCells(one, table.startNs ?? 0n) })) };
    }
    const { total, rows } = await client.endpoints(kind);
    return { total, rows: rows.map((one) => ({ filter: one.filter, cells: endpointCells(one) })) };
  });
  const rows = asked.value?.rows ?? [];
  const columns = view === "conversations" ? conversationColumns : endpointColumns;
  const word = view === "conversations" ? "conversations" : "endpoints";
  const only = (index: number) => {
    const row = rows[index];
    if (row !== undefined) onOnly(row.filter);
  };
  return (
    <section aria-label={view === "conversations" ? "Conversations" : "Endpoints"} className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-9 shrink-0 flex-wrap items-center gap-3 border-b border-line px-4 py-1 text-xs">
        <Segmented
          label="Layer"
          options={kinds}
          value={kind}
          onChange={(next) => {
            setKind(next);
            setSelected(-1);
          }}
        />
        <p role="status" className="text-muted">
          {asked.failed ??
            (asked.value === null
              ? "Counting"
              : `${exact(asked.value.total)} ${word} in the view${asked.value.total > rows.length ? `, the ${exact(rows.length)} largest shown` : ""}`)}
        </p>
        <Button className="ml-auto h-6 text-xs" disabled={selected < 0} onClick={() => only(selected)}>
          Show its packets
        </Button>
      </div>
      <VirtualTable
        label={view === "conversations" ? "Conversations" : "Endpoints"}
        columns={columns}
        rowCount={rows.length}
        rowKey={(index) => index}
        cells={(index) => rows[index]?.cells ?? []}
        selected={selected}
        onSelect={setSelected}
        onOpen={only}
        onMenu={({ index, x, y }) => {
          const row = rows[index];
          if (row === undefined) return;
          setSelected(index);
          onMenu({ heading: row.filter, text: row.filter, term: row.filter, capture: null }, { x, y });
        }}
        empty={
          asked.value === null ? undefined : (
            <Empty title={`No ${word}`}>No packet of the view has addresses of this layer. Choose another layer, or a wider filter.</Empty>
          )
        }
      />
    </section>
  );
}

function conversationCells(one: Conversation, zeroNs: bigint) {
  const packets = one.packetsAToB + one.packetsBToA;
  return [
    nameOf(one.a),
    nameOf(one.b),
    <Value key="packets" text={si(packets)} title={exact(packets)} />,
    <Value key="bytes" text={bytesText(one.bytesAToB + one.bytesBToA)} />,
    <Value key="pab" text={si(one.packetsAToB)} />,
    <Value key="bab" text={bytesText(one.bytesAToB)} />,
    <Value key="pba" text={si(one.packetsBToA)} />,
    <Value key="bba" text={bytesText(one.bytesBToA)} />,
    <Value key="start" text={rowTime({ timeNs: one.startNs, previousNs: null }, "relative", { zeroNs, referenceNs: null })} />,
    <Value key="duration" text={(one.durationNs / 1e9).toFixed(6)} />,
    <Value key="rab" text={bitRate(one.bytesAToB, one.durationNs)} />,
    <Value key="rba" text={bitRate(one.bytesBToA, one.durationNs)} />,
  ];
}

function endpointCells(one: Endpoint) {
  const packets = one.packetsSent + one.packetsReceived;
  return [
    nameOf(one),
    <Value key="packets" text={si(packets)} title={exact(packets)} />,
    <Value key="bytes" text={bytesText(one.bytesSent + one.bytesReceived)} />,
    <Value key="ps" text={si(one.packetsSent)} />,
    <Value key="bs" text={bytesText(one.bytesSent)} />,
    <Value key="pr" text={si(one.packetsReceived)} />,
    <Value key="br" text={bytesText(one.bytesReceived)} />,
  ];
}
