import type { Host, HostStatus } from "../../api/types.ts";
import { hostState } from "../../domain/states.ts";
import type { FleetSnapshot } from "../../live/fleetStore.ts";

const order: readonly HostStatus[] = ["live", "stale", "lost", "refused", "never"];

/** The fleet in one line: `3 hosts: 2 live, 1 lost`. */
export function statusCounts(hosts: readonly Host[], live: FleetSnapshot): string {
  const counts = new Map<HostStatus, number>();
  for (const host of hosts) {
    const status = live.get(host.id)?.status ?? host.status;
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  const parts = order
    .filter((status) => counts.has(status))
    .map((status) => `${counts.get(status)} ${hostState(status).label.toLowerCase()}`);
  return `${hosts.length} ${hosts.length === 1 ? "host" : "hosts"}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
}
