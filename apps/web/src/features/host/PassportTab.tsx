import type { Passport } from "../../api/types.ts";
import { visible } from "../../domain/text.ts";
import { KeyValue } from "../../ui/KeyValue.tsx";
import { Listing } from "../../ui/Listing.tsx";
import { Empty } from "../../ui/Notice.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";

/** What this host can do, as its agent found by trying; what is missing, and what is lost by it. */
export function PassportTab({ passport }: { passport: Passport | null }) {
  if (passport === null) return <Empty title="No passport yet">The agent sends it when it connects.</Empty>;
  return (
    <div className="flex max-w-5xl flex-col gap-6 overflow-auto p-4">
      <KeyValue
        items={[
          { key: "Host name", value: visible(passport.hostname) },
          { key: "Kernel", value: <span className="mono">{visible(passport.kernel)}</span> },
          { key: "System", value: visible(passport.os) },
          { key: "Architecture", value: <span className="mono">{visible(passport.arch)}</span> },
          { key: "CPUs", value: String(passport.cpus) },
          { key: "Agent", value: <span className="mono">{visible(passport.agentVersion)}</span> },
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
    </div>
  );
}
