"use client";
import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import type { ReactNode } from "react";
import { agentQuery, type HostAgent } from "../../api/agent.ts";
import { bytesText } from "../../domain/storage.ts";
import { visible } from "../../domain/text.ts";
import { exact, percent, si, span } from "../../domain/units.ts";
import { Button } from "../../ui/Button.tsx";
import { KeyValue } from "../../ui/KeyValue.tsx";
import { Listing } from "../../ui/Listing.tsx";
import { MenuValue } from "../../ui/MenuValue.tsx";
import { Empty, Notice } from "../../ui/Notice.tsx";
import { TimeAgo } from "../../ui/TimeAgo.tsx";
import { Value } from "../../ui/Value.tsx";
import { general } from "../account/words.ts";
import { useServices } from "../app/services.tsx";
import { attachedTarget } from "./interfaceTarget.ts";
import { usePacketMenu } from "./useHostMenus.ts";

/** How the agent is, and what it has loaded in the host's kernel, with its cost and fill. */
export function AgentTab({ host }: { host: { id: string; name: string | null } }) {
  const { api } = useServices();
  const { show, menu } = usePacketMenu(host);
  const agent = useQuery(agentQuery(api, host.id));
  if (agent.error !== null)
    return (
      <div className="p-4">
        <Notice kind="error" title={general(agent.error).title} action={<Button onClick={() => void agent.refetch()}>Try again</Button>}>
          What the agent says of itself could not be read. {general(agent.error).todo}
        </Notice>
      </div>
    );
  if (agent.data === undefined)
    return (
      <p role="status" className="p-4 text-muted">
        Reading
      </p>
    );
  const { status, engine } = agent.data;
  if (status === null && engine === null)
    return <Empty title="The agent has said nothing yet">It tells how it is every few seconds while it is connected.</Empty>;
  return (
    <div tabIndex={0} className="flex min-h-0 flex-1 flex-col gap-6 overflow-auto p-4 focus-visible:-outline-offset-2">
      {status === null ? null : <Health status={status} />}
      {engine === null ? null : <InKernel engine={engine} onAttached={(place, at) => show(attachedTarget(host.id, place), at)} />}
      {menu}
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-1">
      <h2 className="text-sm font-semibold">{title}</h2>
      {children}
    </section>
  );
}

function Health({ status }: { status: NonNullable<HostAgent["status"]> }) {
  const { budget, spool } = status;
  return (
    <Section title="Agent">
      <KeyValue
        items={[
          { key: "Said", value: <TimeAgo at={status.at} say={span} /> },
          { key: "Memory", value: bytesText(status.rssBytes) },
          { key: "Processor time since its start", value: span(status.cpuSeconds * 1000) },
          { key: "Records", value: status.sampleN === 1 ? "every packet its filters take" : `1 in ${exact(status.sampleN)}` },
          { key: "Bytes of a packet", value: `at most ${exact(status.snaplen)}` },
          {
            key: "Budget",
            value:
              budget === undefined
                ? "none: N is fixed"
                : `${exact(budget.recordsPerSecond)} records a second, now 1 in ${exact(budget.sampleN)}, ${budget.step}`,
          },
          {
            key: "Waiting for the hub",
            value: `${bytesText(status.queueBytes)}; ${exact(status.queueLost)} records lost for want of room`,
          },
          {
            key: "Kept on disk",
            value:
              spool === undefined
                ? "nothing is kept"
                : spool.off !== null
                  ? `nothing: ${visible(spool.off)}`
                  : `${bytesText(spool.bytes)} of at most ${bytesText(spool.limitBytes)}; lost: ${exact(spool.recordsLost)} records, ${exact(spool.flowsLost)} flow records`,
          },
        ]}
      />
    </Section>
  );
}

type InKernelProps = {
  engine: NonNullable<HostAgent["engine"]>;
  onAttached: (place: string, at: { readonly x: number; readonly y: number }) => void;
};

function InKernel({ engine, onAttached }: InKernelProps) {
  return (
    <>
      <Section title="Programs in the kernel">
        <Listing
          label="Programs in the kernel"
          columns={[
            { id: "name", header: "Program", mono: true },
            { id: "type", header: "Type", mono: true },
            { id: "attached", header: "Attached to", mono: true, wide: true },
            { id: "instructions", header: "Instructions", align: "right" },
            { id: "memory", header: "Memory", align: "right" },
            { id: "runs", header: "Runs", align: "right" },
            { id: "cost", header: "Cost a run", align: "right", title: "Where the kernel counts it (kernel.bpf_stats_enabled)" },
          ]}
          rows={engine.programs.map((program, i) => ({
            id: `${program.name} ${i}`,
            cells: [
              visible(program.name),
              visible(program.type),
              <span key="attached" title={program.attached.map(visible).join(", ")}>
                {program.attached.length === 0 ? (
                  <span className="text-muted">by others, or not now</span>
                ) : (
                  program.attached.map((place, j) => (
                    <Fragment key={place}>
                      {j === 0 ? "" : ", "}
                      <MenuValue onMenu={(at) => onAttached(place, at)}>{visible(place)}</MenuValue>
                    </Fragment>
                  ))
                )}
              </span>,
              exact(program.instructions),
              bytesText(program.memoryBytes),
              exact(program.runs),
              <Value key="cost" text={si(costOf(program))} unit="ns" />,
            ],
          }))}
        />
      </Section>
      <Section title="Maps in the kernel">
        <Listing
          label="Maps in the kernel"
          columns={[
            { id: "name", header: "Map", mono: true },
            { id: "type", header: "Type", mono: true },
            { id: "entries", header: "Entries", align: "right" },
            { id: "max", header: "Room for", align: "right" },
            { id: "fill", header: "Fill", align: "right" },
            { id: "memory", header: "Memory", align: "right" },
          ]}
          rows={engine.maps.map((map, i) => ({
            id: `${map.name} ${i}`,
            cells: [
              visible(map.name),
              visible(map.type),
              exact(map.entries),
              exact(map.maxEntries),
              <Value key="fill" text={map.entries === null ? "–" : percent(BigInt(map.entries), BigInt(map.maxEntries))} />,
              bytesText(map.memoryBytes),
            ],
          }))}
        />
      </Section>
    </>
  );
}

function costOf({ runs, runNs }: { runs: string | null; runNs: string | null }): number | null {
  return runs === null || runNs === null || runs === "0" ? null : Number(runNs) / Number(runs);
}
