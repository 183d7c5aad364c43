import type { Host } from "../../api/types.ts";
import { fleetWord } from "../../domain/fleetFilter.ts";
import { labelText } from "../../domain/labels.ts";
import { hostState } from "../../domain/states.ts";
import { UNKNOWN, exact, signedNs } from "../../domain/units.ts";
import type { FleetRow } from "../../live/fleetStore.ts";
import { hostTarget, labelTarget, plainTarget, versionTarget } from "../app/hostTargets.ts";
import type { ValueTarget } from "../app/valueMenu.tsx";

/** What a cell of the list of hosts says, in the filter of the fleet; `part`: the label of several. Without a column the host. */
export function fleetTarget(host: Host, row: FleetRow | undefined, column: string | null, part: string | null): ValueTarget {
  const status = row?.status ?? host.status;
  const rate = (heading: string, value: number | undefined): ValueTarget =>
    value === undefined || status !== "live"
      ? plainTarget(heading, UNKNOWN)
      : plainTarget(heading, String(value), exact(Math.round(value)));
  switch (column ?? "") {
    case "status":
      return { ...plainTarget("Status", hostState(status).label), term: fleetWord("status", status) };
    case "labels": {
      const label = host.labels.find((one) => labelText(one) === part);
      return label === undefined ? plainTarget("Labels", host.labels.map(labelText).join(" ")) : labelTarget(label);
    }
    case "packets":
      return rate("Packets per second", row?.packetsPerSecond);
    case "bits":
      return rate("Bits per second", row?.bitsPerSecond);
    case "kernel":
      return versionTarget("kernel", host.kernel);
    case "agent":
      return versionTarget("agent", host.agentVersion);
    case "seen":
      return plainTarget("Last heard", status === "live" ? "now" : (host.lastSeen ?? "never"));
    case "clock":
      return plainTarget("Clock offset", signedNs(host.clockOffsetNs));
    default:
      return hostTarget(host, fleetWord("name", host.name));
  }
}
