"use client";
import type { HostDetail } from "../../api/types.ts";
import { fleetWord } from "../../domain/fleetFilter.ts";
import { visible } from "../../domain/text.ts";
import { KeyValue } from "../../ui/KeyValue.tsx";
import { Listing } from "../../ui/Listing.tsx";
import { MenuValue } from "../../ui/MenuValue.tsx";
import { Empty } from "../../ui/Notice.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { hostTarget, plainTarget, versionTarget } from "../app/hostTargets.ts";
import type { ValueTarget } from "../app/valueMenu.tsx";
import { useFleetMenu } from "./useHostMenus.ts";

/** What this host can do, as its agent found by trying; what is missing, and what is lost by it. */
export function PassportTab({ host }: { host: HostDetail | null }) {
  const { show, menu } = useFleetMenu();
  const passport = host?.passport ?? null;
  if (host === null || passport === null) return <Empty title="No passport yet">The agent sends it when it connects.</Empty>;
  const value = (target: ValueTarget, text: string) => <MenuValue onMenu={(at) => show(target, at)}>{visible(text)}</MenuValue>;
  return (
    <div className="flex max-w-5xl flex-col gap-6 overflow-auto p-4">
      <KeyValue
        items={[
          { key: "Host name", value: value(hostTarget(host, fleetWord("name", host.name)), passport.hostname) },
          { key: "Kernel", value: <span className="mono">{value(versionTarget("kernel", passport.kernel), passport.kernel)}</span> },
          { key: "System", value: value(plainTarget("System", passport.os), passport.os) },
          { key: "Architecture", value: <span className="mono">{value(plainTarget("Architecture", passport.arch), passport.arch)}</span> },
          { key: "CPUs", value: String(passport.cpus) },
          {
            key: "Agent",
            value: <span className="mono">{value(versionTarget("agent", passport.agentVersion), passport.agentVersion)}</span>,
          },
        ]}
      />
      <Listing
        tall
        label="Capabilities"
        columns={[
          { id: "fact", header: "Capability" },
          { id: "state", header: "State" },
          { id: "found", header: "Found" },
          { id: "lost", header: "What is lost" },
        ]}
        rows={passport.facts.map((fact) => ({
          id: fact.id,
          cells: [
            <span key="fact" className="font-medium">
              {visible(fact.label)}
            </span>,
            fact.ok ? (
              <StatusDot key="state" tone="ok" shape="filled" label="Works" />
            ) : (
              <StatusDot key="state" tone="monitored" shape="crossed" label="Missing" />
            ),
            visible(fact.detail),
            fact.ok ? "nothing" : visible(fact.lost ?? "not said"),
          ],
        }))}
      />
      {menu}
    </div>
  );
}
