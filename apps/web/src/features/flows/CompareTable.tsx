"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { flowCompareQuery, type FlowCompare, type Measure } from "../../api/flows.ts";
import { groupingLabel } from "../../domain/flows.ts";
import { bytesText } from "../../domain/storage.ts";
import { exact, si } from "../../domain/units.ts";
import { Chip } from "../../ui/Chip.tsx";
import { Empty } from "../../ui/Notice.tsx";
import { Value } from "../../ui/Value.tsx";
import { VirtualTable, type Column } from "../../ui/VirtualTable.tsx";
import { useServices } from "../app/services.tsx";
import { useUrlState } from "../app/useUrlState.ts";
import { addressesOf, groupCells } from "./groupCells.tsx";
import { type GroupTableProps, useGroupMenu } from "./useGroupMenu.tsx";
import { Refused } from "./Refused.tsx";
import { type NamesByAddress, useNames } from "./useNames.ts";

type Item = FlowCompare["items"][number];
const changes = ["new", "gone", "changed"] as const;
const words: Record<Item["change"], string> = { new: "new", gone: "gone", changed: "changed" };

const numbers: readonly Column[] = [
  { id: "change", header: "Change", min: 80 },
  { id: "before", header: "Before", min: 96, align: "right" },
  { id: "now", header: "Now", min: 96, align: "right" },
  { id: "ratio", header: "Times", min: 80, align: "right" },
];

/** Groups that are new, gone or changed at least twofold since the same length of time just before. A row opens its flows. */
export function CompareTable({ ask, filter, onFilter, onOpen }: GroupTableProps) {
  const { api } = useServices();
  const groups = useGroupMenu(ask.by, { filter, onFilter });
  const compare = useQuery(flowCompareQuery(api, ask));
  const [only, setOnly] = useUrlState("change");
  const [selected, setSelected] = useState(-1);
  const fields = useMemo(() => ask.by.split(","), [ask.by]);
  const { data } = compare;
  const items = useMemo(() => (data?.items ?? []).filter((item) => only === "" || item.change === only), [data, only]);
  const lists = useMemo(() => [addressesOf(items, fields)], [items, fields]);
  const names = useNames(lists);
  if (compare.error !== null) return <Refused error={compare.error} what="The comparison" onRetry={() => void compare.refetch()} />;
  const open = (index: number) => {
    const item = items[index];
    if (item !== undefined) onOpen(item.key);
  };
  return (
    <>
      <div className="flex min-h-8 flex-wrap items-center gap-2 border-b border-line px-4 text-xs text-muted">
        {data === undefined ? (
          <span role="status">Comparing</span>
        ) : (
          <>
            {changes.map((change) => (
              <Chip key={change} on={only === change} action="List only these" onClick={() => setOnly(only === change ? "" : change)}>
                {exact(data.counts[change])} {words[change]}
              </Chip>
            ))}
            <span>
              {exact(data.counts.same)} about the same. Before: {localRange(data.beforeFrom, data.beforeTo)}. Changed: at least twice or
              half.
            </span>
          </>
        )}
      </div>
      <VirtualTable
        label="Changed groups"
        columns={[...fields.map((field) => ({ id: field, header: groupingLabel(field), min: 200, grow: "1fr" })), ...numbers]}
        rowCount={items.length}
        rowKey={(index) => JSON.stringify(items[index]?.key ?? index)}
        selected={selected}
        onSelect={setSelected}
        onOpen={open}
        clicks="open"
        onMenu={({ index, column, x, y }) => groups.show(items[index]?.key ?? [], column, { x, y })}
        cells={(index) => {
          const item = items[index];
          return item === undefined ? [] : cellsOf(item, { fields, names, measure: ask.measure });
        }}
        empty={compare.isPending ? undefined : <Empty title="No difference">Nothing new, gone, or changed twofold in this range.</Empty>}
      />
      {groups.menu}
    </>
  );
}

const localTime = (iso: string): string => new Date(iso).toLocaleTimeString("en-GB");
const localRange = (from: string, to: string): string => `${localTime(from)} to ${localTime(to)}`;

function cellsOf(item: Item, { fields, names, measure }: { fields: readonly string[]; names: NamesByAddress; measure: Measure }) {
  const amount = (text: string): string => (measure === "bytes" ? bytesText(Number(text)) : si(Number(text)));
  return [
    ...groupCells(item, { fields, names }),
    <span key="change" className={item.change === "new" ? "text-accent" : item.change === "gone" ? "text-dropped" : "text-monitored"}>
      {words[item.change]}
    </span>,
    <Value key="before" text={item.change === "new" ? "0" : amount(item.before)} />,
    <Value key="now" text={item.change === "gone" ? "0" : amount(item.now)} />,
    <Value key="ratio" text={item.ratio === null || item.ratio === 0 ? "–" : `× ${item.ratio.toPrecision(2)}`} />,
  ];
}
