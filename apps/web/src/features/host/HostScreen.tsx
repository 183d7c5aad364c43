"use client";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { ApiError } from "../../api/client.ts";
import { hostQuery } from "../../api/queries.ts";
import { Button } from "../../ui/Button.tsx";
import { LedgerLine } from "../../ui/LedgerLine.tsx";
import { Empty, Notice } from "../../ui/Notice.tsx";
import { TopBar } from "../../ui/Rail.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { general } from "../account/words.ts";
import { ConnectionState } from "../app/ConnectionState.tsx";
import { useServices } from "../app/services.tsx";
import { useStore } from "../app/useStore.ts";
import { AgentTab } from "./AgentTab.tsx";
import { CountersTab } from "./CountersTab.tsx";
import { FlowsTab } from "./FlowsTab.tsx";
import { HostBar, HostPlace } from "./HostBar.tsx";
import { InterfacesTab } from "./InterfacesTab.tsx";
import { ledgerItems, ledgerToCome } from "./ledgerItems.ts";
import { LabelsTab } from "./LabelsTab.tsx";
import { LiveTab } from "./LiveTab.tsx";
import { PassportTab } from "./PassportTab.tsx";
import { useHostFeed } from "./useHostFeed.ts";

const nothing: readonly never[] = [];

/** One host: its state, its ledger, its live packets and rates, and what it can do. */
export function HostScreen({ hostId }: { hostId: string }) {
  const { api, feed } = useServices();
  const host = useQuery(hostQuery(api, hostId));
  const live = useHostFeed(hostId);
  const state = useStore(live.state);
  const unreadable = useStore(feed.malformed);
  const tab = useSearchParams().get("tab") ?? "live"; // the address reproduces the view

  if (host.error instanceof ApiError && (host.error.code === "NOT_FOUND" || host.error.code === "BAD_REQUEST")) {
    return (
      <>
        <TopBar title={<HostPlace name="No such host" />}>
          <ConnectionState />
        </TopBar>
        <Empty title="This hub has no host with that address">It may have been removed; the fleet lists the hosts there are.</Empty>
      </>
    );
  }
  const interfaces = host.data?.interfaces ?? nothing;
  const named = { id: hostId, name: host.data?.name ?? null };
  const malformed = unreadable + Object.values(state.badBatches).reduce((sum, count) => sum + count, 0);
  return (
    <>
      <HostBar host={host.data ?? null} state={state} packets={live.packets} />
      <LedgerLine
        items={
          state.ledger === null && host.isPending
            ? ledgerToCome()
            : ledgerItems(state.ledger ?? host.data?.ledger ?? null, { skipped: state.skipped, malformed, recording: state.recording })
        }
      />
      {host.error === null ? null : (
        <div className="p-4">
          <Notice kind="error" title={general(host.error).title} action={<Button onClick={() => void host.refetch()}>Try again</Button>}>
            What is stored of this host could not be read. {general(host.error).todo}
          </Notice>
        </div>
      )}
      {state.refused === null ? null : (
        <div className="p-4">
          <Notice kind="error" title="The hub does not let this page watch the host">
            {state.refused.detail}
          </Notice>
        </div>
      )}
      <Tabs
        label="Host"
        value={tab}
        onChange={(next) => history.replaceState(null, "", next === "live" ? location.pathname : `?tab=${next}`)}
        tabs={[
          {
            value: "live",
            label: "Live",
            content: <LiveTab host={named} live={live} interfaces={interfaces} status={state.status ?? host.data?.status ?? null} />,
          },
          { value: "flows", label: "Flows", content: <FlowsTab hostId={hostId} /> },
          {
            value: "interfaces",
            label: "Interfaces",
            count: interfaces.length,
            content: <InterfacesTab host={named} interfaces={interfaces} rates={live.rates} />,
          },
          { value: "counters", label: "Counters", content: <CountersTab host={named} interfaces={interfaces} /> },
          {
            value: "labels",
            label: "Labels",
            count: host.data?.labels.length,
            content: host.data === undefined ? null : <LabelsTab hostId={hostId} labels={host.data.labels} />,
          },
          { value: "agent", label: "Agent", content: <AgentTab host={named} /> },
          { value: "passport", label: "Passport", content: <PassportTab host={host.data ?? null} /> },
        ]}
      />
    </>
  );
}
