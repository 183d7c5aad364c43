"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { flowsQuery } from "../../api/flows.ts";
import type { Flow, FlowAsk } from "../../api/flows.ts";
import { hasPorts, lasted, timeOfDay } from "../../domain/flows.ts";
import { ipProtocolName } from "../../domain/names.ts";
import { visible } from "../../domain/text.ts";
import { si } from "../../domain/units.ts";
import { bytesText } from "../../domain/storage.ts";
import { Button } from "../../ui/Button.tsx";
import { Empty } from "../../ui/Notice.tsx";
import { Value } from "../../ui/Value.tsx";
import { VirtualTable } from "../../ui/VirtualTable.tsx";
import type { Column } from "../../ui/VirtualTable.tsx";
import { useServices } from "../app/services.tsx";
import { useValueMenu } from "../app/valueMenu.tsx";
import { Endpoint } from "./Endpoint.tsx";
import { FlowDetail } from "./FlowDetail.tsx";
import { flowTarget } from "./flowTarget.ts";
import { Refused } from "./Refused.tsx";
import { type NamesByAddress, useNames } from "./useNames.ts";

const columns: readonly Column[] = [
  { id: "time", header: "Last packet, local", min: 112, mono: true },
  { id: "host", header: "Host", min: 100, grow: "160px" },
  { id: "interface", header: "Interface", min: 64, mono: true },
  { id: "direction", header: "Way", min: 28 },
  { id: "protocol", header: "Protocol", min: 56 },
  { id: "source", header: "Source", min: 200, grow: "1fr" },
  { id: "destination", header: "Destination", min: 200, grow: "1fr" },
  { id: "packets", header: "Packets", min: 64, align: "right" },
  { id: "bytes", header: "Bytes", min: 72, align: "right" },
  { id: "duration", header: "Lasted", min: 60, align: "right" },
  { id: "verdict", header: "Verdict", min: 60 },
];

type FlowListProps = { ask: FlowAsk; filter: string; onFilter: (filter: string) => void };

/** Flow records, newest first; more are fetched when the end comes into sight. Values have their menu. */
export function FlowList({ ask, filter, onFilter }: FlowListProps) {
  const { api } = useServices();
  const { show, menu } = useValueMenu({ filter, onFilter });
  const flows = useInfiniteQuery(flowsQuery(api, ask));
  const [selected, setSelected] = useState(-1);
  const pages = flows.data?.pages;
  const rows = useMemo(() => (pages ?? []).flatMap((page) => page.items), [pages]);
  const lists = useMemo(() => (pages ?? []).map((page) => addressesOf(page.items)), [pages]);
  const names = useNames(lists);
  const stopped = pages?.at(-1)?.stopped ?? null;
  const chosen = rows[selected];
  if (flows.error !== null && pages === undefined)
    return <Refused error={flows.error} what="The flows" onRetry={() => void flows.refetch()} />;
  const more = () => void flows.fetchNextPage();
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <VirtualTable
          label="Flows"
          columns={columns}
          rowCount={rows.length}
          rowKey={(index) => index}
          selected={selected}
          onSelect={(index) => setSelected(index)}
          cells={(index) => {
            const flow = rows[index];
            return flow === undefined ? [] : cellsOf(flow, names);
          }}
          onMenu={({ index, column, x, y }) => {
            const flow = rows[index];
            if (flow === undefined) return;
            setSelected(index);
            show(flowTarget(flow, column), { x, y });
          }}
          onEnd={() => (stopped === null && flows.hasNextPage && !flows.isFetching ? more() : undefined)}
          empty={<Nothing pending={flows.isPending} filtered={ask.filter !== ""} stopped={stopped !== null} />}
        />
        {stopped === null ? null : (
          <p role="status" className="flex items-center gap-3 border-t border-line px-4 py-1 text-xs text-muted">
            {stopped.message}
            <Button className="h-6 text-xs" busy={flows.isFetchingNextPage} onClick={more}>
              Search further back
            </Button>
          </p>
        )}
        {flows.isFetchNextPageError && flows.error !== null ? <Refused error={flows.error} what="More flows" onRetry={more} /> : null}
      </div>
      {chosen === undefined ? null : <FlowDetail flow={chosen} names={names} onMenu={show} onClose={() => setSelected(-1)} />}
      {menu}
    </div>
  );
}

function addressesOf(flows: readonly Flow[]): string[] {
  return [...new Set(flows.flatMap((flow) => [flow.sourceAddress, flow.destinationAddress]))].toSorted((a, b) => (a < b ? -1 : 1));
}

function cellsOf(flow: Flow, names: NamesByAddress) {
  const ports = hasPorts(flow);
  return [
    timeOfDay(flow.last),
    flow.host === null ? <Value key="host" text="–" /> : visible(flow.host),
    flow.interface === null ? <Value key="interface" text="–" /> : visible(flow.interface),
    flow.direction,
    ipProtocolName(flow.protocol),
    <Endpoint key="source" address={flow.sourceAddress} port={ports ? flow.sourcePort : null} known={names.get(flow.sourceAddress)} />,
    <Endpoint
      key="destination"
      address={flow.destinationAddress}
      port={ports ? flow.destinationPort : null}
      known={names.get(flow.destinationAddress)}
    />,
    <Value key="packets" text={si(Number(flow.packets))} />,
    <Value key="bytes" text={bytesText(Number(flow.bytes))} />,
    <Value key="duration" text={lasted(flow)} />,
    <span key="verdict" className={flow.verdict === "pass" ? "text-muted" : "text-dropped"}>
      {flow.verdict}
    </span>,
  ];
}

function Nothing({ pending, filtered, stopped }: { pending: boolean; filtered: boolean; stopped: boolean }) {
  if (pending) return <Empty title="Searching">The newest flows of the range come first.</Empty>;
  if (stopped) return <Empty title="None found yet">The search stopped before it had read the whole range.</Empty>;
  if (filtered)
    return <Empty title="No flow matches">There is none in this range that the filter lets through. Escape in the filter clears it.</Empty>;
  return (
    <Empty title="No flows in this range">
      Agents write a flow when it has been silent for 15 s, and each minute while it goes on. Take a longer range, or look whether agents
      are connected.
    </Empty>
  );
}
