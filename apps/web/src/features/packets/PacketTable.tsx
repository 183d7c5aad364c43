"use client";
import { useMemo } from "react";
import { rulesOf } from "../../domain/packets/colours.ts";
import { rowTime, timeModes } from "../../domain/packets/rowTime.ts";
import type { RowTimeMode } from "../../domain/packets/rowTime.ts";
import type { TableState } from "../../live/packets/messages.ts";
import type { PagePackets } from "../../live/packets/pagePackets.ts";
import { rowToneNames } from "../../ui/rowTones.ts";
import { VirtualTable } from "../../ui/VirtualTable.tsx";
import { useRemembered } from "../app/useRemembered.ts";
import { useStore } from "../app/useStore.ts";
import { cellTarget } from "./cellTarget.ts";
import { columnsShown } from "./columns.tsx";
import type { PacketColumn } from "./columns.tsx";
import { EmptyPackets } from "./EmptyPackets.tsx";
import type { ShowMenu } from "../app/valueMenu.tsx";

export type PacketTableProps = {
  session: PagePackets;
  table: TableState;
  mode: RowTimeMode;
  referenceNs: bigint | null;
  /** Place of the chosen packet in the view, or −1. */
  selected: number;
  onChoose: (place: number, number: number) => void;
  onOpen: () => void;
  onMenu: ShowMenu;
  /** Of a live table. */
  follow: boolean;
  onScrolledAway: (away: boolean) => void;
  onPointer: (over: boolean) => void;
};

/** The packets of the view, as many as there are; rows come from the worker as they come into sight. */
export function PacketTable(props: PacketTableProps) {
  const { session, table, mode, referenceNs, selected, onChoose, onOpen, onMenu, follow, onScrolledAway, onPointer } = props;
  useStore(session.rows);
  const [kept] = useRemembered("packets.columns");
  const [rulesText] = useRemembered("packets.colours");
  const columns = useMemo(() => {
    const several = table.interfaces.length > 1 || table.interfaces.some((one) => one.host !== null);
    const header = timeModes.find((one) => one.value === mode)?.header ?? "Time";
    return columnsShown(kept, several).map((one): PacketColumn => (one.id === "time" ? { ...one, header } : one));
  }, [kept, mode, table.interfaces]);
  const tones = useMemo(() => rulesOf(rulesText).map(({ tone }) => rowToneNames.find((one) => one === tone) ?? null), [rulesText]);
  const timeOf = (row: Parameters<typeof rowTime>[0]): string => rowTime(row, mode, { zeroNs: table.startNs ?? 0n, referenceNs });
  const { shown, firstNumber, filter } = table;
  return (
    <VirtualTable
      label="Packets"
      columns={columns}
      rowCount={shown}
      // Of an unfiltered live table, rows keep their packet while others go; a filtered one knows its numbers only once they came.
      rowKey={(place) => (filter === "" ? firstNumber + place : place)}
      cells={(place) => {
        const row = session.rows.row(place);
        return columns.map((column) => (row === null ? (column.id === "number" ? "…" : "") : column.cell(row, timeOf(row))));
      }}
      rowTone={(place) => tones[session.rows.row(place)?.colour ?? -1] ?? null}
      selected={selected}
      onSelect={(place) => {
        const row = session.rows.row(place);
        onChoose(place, row?.number ?? 0);
      }}
      onOpen={onOpen}
      onMenu={({ index, column, x, y }) => {
        const row = session.rows.row(index);
        if (row === null) return;
        onChoose(index, row.number);
        onMenu(cellTarget(row, column ?? "number", timeOf(row)), { x, y });
      }}
      onWindow={(first, end) => session.rows.want(first, end, shown)}
      follow={follow}
      onScrolledAway={onScrolledAway}
      onPointer={onPointer}
      empty={<EmptyPackets table={table} />}
    />
  );
}
