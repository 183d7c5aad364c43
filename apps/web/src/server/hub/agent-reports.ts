import type { AgentStatus, EngineReport } from "@sonde/protocol";
import { hostAgentSchema, type HostAgent } from "@sonde/protocol/rest";
import type { Clock } from "../clock.ts";

export type AgentReports = {
  keep(hostId: string, report: AgentStatus | EngineReport): void;
  of(hostId: string): HostAgent;
  gone(hostId: string): void;
};

/** What connected agents said last. Kept as text: of thousands of hosts few are looked at. */
export function createAgentReports(clock: Clock): AgentReports {
  const reports = new Map<string, { status?: string; engine?: string }>();
  const read = (text: string | undefined): unknown => (text === undefined ? null : JSON.parse(text));
  return {
    keep(hostId, { type, ...said }) {
      const text = JSON.stringify({ ...said, at: new Date(clock.now()).toISOString() });
      reports.set(hostId, { ...reports.get(hostId), [type]: text });
    },
    of: (hostId) => {
      const { status, engine } = reports.get(hostId) ?? {};
      return hostAgentSchema.parse({ status: read(status), engine: read(engine) });
    },
    gone: (hostId) => void reports.delete(hostId),
  };
}
