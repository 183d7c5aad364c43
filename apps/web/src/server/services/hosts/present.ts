import type { Host } from "@sonde/protocol/rest";
import type { Host as HostRow } from "../../../../../../prisma/generated/client.ts";
import type { HubDoor } from "../../context.ts";
import { effectiveLabels, type LabelRow } from "./labels.ts";

/** A host as the API shows it: its row with its labels, and what the sockets know of it now. */
export function presentHost(hub: HubDoor, row: HostRow & { labels: readonly LabelRow[] }, interfaceCount: number): Host {
  const now = hub.hostNow(row.id, row.lastSeen);
  return {
    id: row.id,
    name: row.name,
    status: now.status,
    refusal: now.refusal,
    kernel: row.kernel,
    os: row.os,
    agentVersion: row.agentVersion,
    enrolledAt: row.enrolledAt.toISOString(),
    lastSeen: now.lastSeen?.toISOString() ?? null,
    clockOffsetNs: now.clockOffsetNs,
    interfaceCount,
    labels: effectiveLabels(row.labels),
  };
}
