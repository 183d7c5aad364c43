import type { HostStatus } from "../../api/types.ts";
import { Empty } from "../../ui/Notice.tsx";

/** Why the packet list is empty, and what to do. */
export function EmptyList({ status, filtered, anyCame }: { status: HostStatus | null; filtered: boolean; anyCame: boolean }) {
  if (filtered && anyCame)
    return <Empty title="No row matches">Rows are here, but none contains the text of the filter. Escape in the filter clears it.</Empty>;
  switch (status) {
    case null:
      return <Empty title="Connecting">Asking the hub for this host's packets.</Empty>;
    case "live":
      return (
        <Empty title="No packets yet">
          The agent is connected; packets appear as the host sends or receives them. Sonde's own connections are not recorded.
        </Empty>
      );
    case "stale":
      return (
        <Empty title="The host is silent">
          The hub has heard nothing from it for more than 5 s. Packets appear when it is heard again.
        </Empty>
      );
    case "lost":
      return (
        <Empty title="The agent is lost">The hub hears nothing from this host. Check on it that the agent runs and reaches the hub.</Empty>
      );
    case "refused":
      return <Empty title="The agent is refused">The hub turns this host's agent away; its log and the status above say why.</Empty>;
    case "never":
      return (
        <Empty title="The agent has not connected yet">The host is enrolled. Check on it that the agent runs and reaches the hub.</Empty>
      );
  }
}
