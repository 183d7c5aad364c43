"use client";
import type { HostStatus } from "../../api/types.ts";
import { useEffect, useMemo, useRef, useState } from "react";
import * as rec from "../../domain/record.ts";
import { recordLayers } from "../../domain/recordLayers.ts";
import { lineOf, summarise } from "../../domain/summary.ts";
import { visible } from "../../domain/text.ts";
import { packetTime } from "../../domain/time.ts";
import type { TimeMode } from "../../domain/time.ts";
import type { HostFeed } from "../../live/hostFeed.ts";
import { RowFilter } from "../../live/rowFilter.ts";
import { VirtualTable } from "../../ui/VirtualTable.tsx";
import { useFocusKey } from "../app/useFocusKey.ts";
import { useStore } from "../app/useStore.ts";
import type { ShowMenu } from "../app/valueMenu.tsx";
import { EmptyList } from "./EmptyList.tsx";
import { recordTarget } from "./recordTarget.ts";
import { packetColumns, rowCells } from "./packetRow.tsx";
import { PacketToolbar } from "./PacketToolbar.tsx";

export type PacketListProps = {
  live: HostFeed;
  /** Interface names by index. */
  names: ReadonlyMap<number, string>;
  status: HostStatus | null;
  /** Row number of the chosen packet. */
  chosen: number | null;
  onChoose: (row: number | null) => void;
  onMenu: ShowMenu;
  onClose: () => void;
};

/** Live packets, newest last, followed like tcpdump; stands still under the pointer, while walked, scrolled up or paused. */
export function PacketList({ live, names, status, chosen, onChoose, onMenu, onClose }: PacketListProps) {
  const packets = live.packets;
  const list = useStore(packets);
  const clock = useStore(live.state).clock;
  const [mode, setMode] = useState<TimeMode>("local");
  const [needle, setNeedle] = useState("");
  const search = useRef<HTMLInputElement>(null);

  const filter = useMemo(
    () => (needle === "" ? null : new RowFilter((record) => textOf(record, names).includes(needle.toLowerCase()))),
    [needle, names],
  );
  const matching = filter?.update(packets, list.first, list.end) ?? null;
  const count = matching?.length ?? list.end - list.first;
  const rowAt = (index: number): number => matching?.[index] ?? (matching === null ? list.first + index : -1);
  const selected =
    chosen === null
      ? -1
      : matching === null
        ? chosen >= list.first && chosen < list.end
          ? chosen - list.first
          : -1
        : matching.indexOf(chosen);

  useFocusKey(search);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) onClose();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [onClose]);

  const cells = (index: number) => {
    const record = packets.record(rowAt(index));
    if (record === null) return [];
    const before = index === 0 ? null : packets.record(rowAt(index - 1));
    const previousNs = before === null ? null : rec.tsNs(before);
    const time = packetTime(rec.tsNs(record), mode, { bootToWallNs: clock?.bootToWallNs ?? null, firstNs: list.zeroNs, previousNs });
    return rowCells(record, { time, interfaceName: nameOf(record, names) });
  };
  return (
    <section aria-label="Packets" className="flex min-w-0 flex-1 flex-col">
      <PacketToolbar
        status={status}
        list={list}
        shown={count}
        mode={mode}
        onMode={setMode}
        needle={needle}
        onNeedle={setNeedle}
        searchRef={search}
        onResume={() => packets.release("paused", "walking", "scrolled")}
      />
      <VirtualTable
        label="Packets"
        columns={packetColumns(mode)}
        rowCount={count}
        rowKey={rowAt}
        cells={cells}
        selected={selected}
        onSelect={(index, how) => {
          if (how === "walk") packets.hold("walking");
          onChoose(rowAt(index));
        }}
        onOpen={() => document.getElementById("packet-detail")?.focus()}
        onMenu={({ index, column, x, y }) => {
          const record = packets.record(rowAt(index));
          if (record === null) return;
          packets.hold("walking");
          onChoose(rowAt(index));
          const time = packetTime(rec.tsNs(record), mode, {
            bootToWallNs: clock?.bootToWallNs ?? null,
            firstNs: list.zeroNs,
            previousNs: null,
          });
          const layers = recordLayers(record, { interfaceName: nameOf(record, names), time });
          onMenu(recordTarget(layers, column, lineOf(summarise(record))), { x, y });
        }}
        follow={list.held === null}
        onScrolledAway={(away) => (away ? packets.hold("scrolled") : packets.release("scrolled"))}
        onPointer={(over) => (over ? packets.hold("pointer") : packets.release("pointer"))}
        empty={<EmptyList status={status} filtered={needle !== ""} anyCame={list.total > 0} />}
      />
    </section>
  );
}

function nameOf(record: rec.RecordRef, names: ReadonlyMap<number, string>): string {
  const index = rec.ifindex(record);
  return visible(names.get(index) ?? `if${index}`);
}

function textOf(record: rec.RecordRef, names: ReadonlyMap<number, string>): string {
  return `${nameOf(record, names)} ${lineOf(summarise(record))}`.toLowerCase();
}
