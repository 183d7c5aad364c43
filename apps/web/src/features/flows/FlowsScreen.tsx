"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { fleetLedgerQuery } from "../../api/flows.ts";
import { hostsQuery } from "../../api/queries.ts";
import { fleetNames, narrowed } from "../../domain/flows.ts";
import { LedgerLine } from "../../ui/LedgerLine.tsx";
import { TopBar } from "../../ui/Rail.tsx";
import { ConnectionState } from "../app/ConnectionState.tsx";
import { SavedViews } from "../app/SavedViews.tsx";
import { useServices } from "../app/services.tsx";
import { CompareTable } from "./CompareTable.tsx";
import { FlowBar } from "./FlowBar.tsx";
import { FlowChart } from "./FlowChart.tsx";
import { flowLedgerItems } from "./flowLedgerItems.ts";
import { FlowList } from "./FlowList.tsx";
import { TopTable } from "./TopTable.tsx";
import { useFlowView } from "./useFlowView.ts";

/** The lines of the chart while nothing is grouped. */
const CHART_BY = "ip.proto";

/** The fleet's flows: filtered, over time, one by one or by their largest groups. */
export function FlowsScreen() {
  const { api } = useServices();
  const view = useFlowView();
  const ledger = useQuery(fleetLedgerQuery(api));
  const hosts = useQuery(hostsQuery(api)).data;
  const known = useMemo(() => ({ kind: "flows" as const, ...fleetNames(hosts ?? []) }), [hosts]);
  const { ask, by, measure } = view;
  const open = (key: readonly (string | null)[]) => {
    const fields = by.split(",");
    view.setFilter(key.reduce<string>((filter, value, i) => narrowed(filter, fields[i] ?? "", value), ask.filter));
    view.setBy("");
  };
  return (
    <>
      <TopBar title={<h1 className="text-md font-semibold">Flows</h1>}>
        <SavedViews screen="flows" />
        <ConnectionState />
      </TopBar>
      <LedgerLine items={flowLedgerItems(ledger.data)} />
      <FlowBar view={view} known={known} />
      <FlowChart ask={{ ...ask, by: by === "" ? CHART_BY : by, measure }} onRange={view.setRange} />
      {by === "" ? (
        <FlowList key={JSON.stringify(ask)} ask={ask} filter={view.filter} onFilter={view.setFilter} />
      ) : view.comparing ? (
        <CompareTable key={`${by} ${measure}`} ask={{ ...ask, by, measure }} filter={view.filter} onFilter={view.setFilter} onOpen={open} />
      ) : (
        <TopTable key={`${by} ${measure}`} ask={{ ...ask, by, measure }} filter={view.filter} onFilter={view.setFilter} onOpen={open} />
      )}
    </>
  );
}
