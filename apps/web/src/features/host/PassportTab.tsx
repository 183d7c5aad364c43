import type { Passport } from "../../api/types.ts";
import { visible } from "../../domain/text.ts";
import { KeyValue } from "../../ui/KeyValue.tsx";
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
      <table aria-label="Capabilities" className="w-full text-sm">
        <thead className="text-left text-xs text-muted">
          <tr className="h-7 border-b border-line">
            <th className="pr-4 font-medium">Capability</th>
            <th className="pr-4 font-medium">State</th>
            <th className="pr-4 font-medium">Found</th>
            <th className="font-medium">What is lost</th>
          </tr>
        </thead>
        <tbody>
          {passport.facts.map((fact) => (
            <tr key={fact.id} className="border-b border-line align-top [&>td]:py-1">
              <td className="pr-4 font-medium">{visible(fact.label)}</td>
              <td className="pr-4">
                {fact.ok ? (
                  <StatusDot tone="ok" shape="filled" label="Works" />
                ) : (
                  <StatusDot tone="monitored" shape="crossed" label="Missing" />
                )}
              </td>
              <td className="pr-4 text-muted">{visible(fact.detail)}</td>
              <td className="text-muted">{fact.ok ? "nothing" : visible(fact.lost ?? "not said")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
