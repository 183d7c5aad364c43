import type { TableState } from "../../live/packets/messages.ts";
import { Empty } from "../../ui/Notice.tsx";

/** Why the list is empty, and what to do. */
export function EmptyPackets({ table }: { table: TableState }) {
  const { phase, packets, unfiltered, filter } = table;
  if (packets > 0 && unfiltered > 0) return <Empty title="Filtering">None of the packets looked at so far matches.</Empty>;
  if (packets > 0 && filter !== "")
    return (
      <Empty title="No packet matches">
        Packets are here, but the display filter lets none of them through. Escape in the filter clears it.
      </Empty>
    );
  switch (phase) {
    case "empty":
    case "loading":
      return <Empty title="Reading">Packets appear as they are read.</Empty>;
    case "live":
      return (
        <Empty title="No packets yet">
          Packets appear as the chosen hosts send or receive them. Sonde's own connections are not recorded.
        </Empty>
      );
    case "failed":
      return <Empty title="Nothing could be read">Open another file, or this one once it is whole.</Empty>;
    case "done":
    case "cancelled":
      return <Empty title="No packets">What is open holds no packet.</Empty>;
  }
}
