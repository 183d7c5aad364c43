"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { flowTopQuery } from "../../api/flows.ts";
import type { FlowTop } from "../../api/flows.ts";
import { groupingLabel } from "../../domain/flows.ts";
import { bytesText } from "../../domain/storage.ts";
import { exact, percent, si } from "../../domain/units.ts";
import { Empty } from "../../ui/Notice.tsx";
import { ShareBar } from "../../ui/ShareBar.tsx";
import { Value } from "../../ui/Value.tsx";
import { VirtualTable } from "../../ui/VirtualTable.tsx";
import type { Column } from "../../ui/VirtualTable.tsx";
import { useServices } from "../app/services.tsx";
import { addressesOf, groupCells } from "./groupCells.tsx";
import { type GroupTableProps, useGroupMenu } from "./useGroupMenu.tsx";
import { Refused } from "./Refused.tsx";
import { type NamesByAddress, useNames } from "./useNames.ts";

const numbers: readonly Column[] = [
  { id: "bytes", header: "Bytes", min: 88, align: "right" },
  { id: "packets", header: "Packets", min: 88, align: "right" },
  { id: "flows", header: "Flows", min: 88, align: "right" },
  { id: "share", header: "Share", min: 72, align: "right" },
  { id: "bar", header: <span className="sr-only">Share as a bar</span>, min: 120, grow: "0.5fr" },
];

/** The largest groups; a row opens the flows of its group. */
export function TopTable({ ask, filter, onFilter, onOpen }: GroupTableProps) {
  const { api } = useServices();
  const groups = useGroupMenu(ask.by, { filter, onFilter });
  const top = useQuery(flowTopQuery(api, ask));
  const [selected, setSelected] = useState(-1);
  const fields = useMemo(() => ask.by.split(","), [ask.by]);
  const items = top.data?.items ?? [];
  const lists = useMemo(() => [addressesOf(top.data?.items ?? [], fields)], [top.data, fields]);
  const names = useNames(lists);
  if (top.error !== null) return <Refused error={top.error} what="The largest groups" onRetry={() => void top.refetch()} />;
  const open = (index: number) => {
    const item = items[index];
    if (item !== undefined) onOpen(item.key);
  };
  const columns: readonly Column[] = [
    ...fields.map((field) => ({ id: field, header: groupingLabel(field), min: 200, grow: "1fr" })),
    ...numbers,
  ];
  return (
    <>
      <p role="status" className="border-b border-line px-4 py-1 text-xs text-muted">
        {top.data === undefined ? "Summing up" : summary(top.data)}
      </p>
      <VirtualTable
        label="Largest groups"
        columns={columns}
        rowCount={items.length}
        rowKey={(index) => JSON.stringify(items[index]?.key ?? index)}
        selected={selected}
        onSelect={setSelected}
        onOpen={open}
        clicks="open"
        onMenu={({ index, column, x, y }) => groups.show(items[index]?.key ?? [], column, { x, y })}
        cells={(index) => {
          const item = items[index];
          return item === undefined || top.data === undefined ? [] : cellsOf(item, { top: top.data, fields, names });
        }}
        empty={
          top.isPending ? undefined : <Empty title="No flows to group">There is none in this range that the filter lets through.</Empty>
        }
      />
      {groups.menu}
    </>
  );
}

function summary({ groups, items, total }: FlowTop): string {
  const shown = groups > items.length ? `The ${exact(items.length)} largest of ${exact(groups)} groups` : `${exact(groups)} groups`;
  return `${shown}; all together ${bytesText(Number(total.bytes))}, ${si(Number(total.packets))} packets, ${si(Number(total.flows))} flows. A row opens its flows.`;
}

type Item = FlowTop["items"][number];

function cellsOf(item: Item, { top, fields, names }: { top: FlowTop; fields: readonly string[]; names: NamesByAddress }) {
  const part = BigInt(item[top.measure]);
  const whole = BigInt(top.total[top.measure]);
  const largest = Number(top.items[0]?.[top.measure] ?? 1);
  return [
    ...groupCells(item, { fields, names }),
    <Value key="bytes" text={bytesText(Number(item.bytes))} />,
    <Value key="packets" text={si(Number(item.packets))} />,
    <Value key="flows" text={si(Number(item.flows))} />,
    <Value key="share" text={percent(part, whole)} />,
    <ShareBar key="bar" share={Number(part) / Math.max(1, largest)} />,
  ];
}
