import { bytesText } from "../../domain/storage.ts";
import { exact } from "../../domain/units.ts";
import type { LiveState } from "../../live/packets/livePackets.ts";
import type { TableState } from "../../live/packets/messages.ts";
import type { LedgerItem } from "../../ui/LedgerLine.tsx";

const sum = (table: TableState, of: (one: TableState["interfaces"][number]) => bigint | null): bigint | null =>
  table.interfaces.reduce<bigint | null>((all, one) => {
    const value = of(one);
    return value === null ? all : (all ?? 0n) + value;
  }, null);

/** What is here of what there was, in words. */
export function packetLedger(table: TableState, live: LiveState | null): LedgerItem[] {
  const items: LedgerItem[] = [
    {
      id: "packets",
      label: "Packets",
      value: exact(table.packets),
      explanation: "Packets that are held on this page. Of a live table the oldest are let go when it is full.",
    },
    {
      id: "shown",
      label: "Shown",
      value: table.unfiltered > 0 ? `${exact(table.shown)}, ${exact(table.unfiltered)} to be looked at` : exact(table.shown),
      explanation: "Packets that the display filter lets through.",
    },
  ];
  if (table.phase !== "live")
    items.push({ id: "bytes", label: "Read", value: bytesText(table.bytes), explanation: "Bytes of the capture file that were read." });
  return [...items, ...lossItems(table), ...(live === null ? [] : liveItems(live))];
}

function lossItems(table: TableState): LedgerItem[] {
  const dropped = sum(table, (one) => one.dropped);
  const osDropped = sum(table, (one) => one.osDropped);
  const items: LedgerItem[] = [];
  if (dropped !== null)
    items.push({
      id: "dropped",
      label: "Dropped",
      value: exact(dropped + (osDropped ?? 0n)),
      explanation: "Packets that the capture's own statistics count as dropped: they went by and are not in the file.",
      tone: dropped + (osDropped ?? 0n) > 0n ? "loss" : undefined,
    });
  else if (table.phase === "done" && table.packets > 0)
    items.push({
      id: "dropped",
      label: "Dropped",
      value: "–",
      explanation: "The file does not say how many packets were dropped while it was taken.",
    });
  if (table.error !== null && table.phase !== "failed")
    items.push({
      id: "damaged",
      label: "Damaged",
      value: table.error.message,
      explanation: "The file cannot be read past this place. What stands before it is shown.",
      tone: "loss",
    });
  if (table.firstNumber > 1)
    items.push({
      id: "past",
      label: "Past",
      value: exact(table.firstNumber - 1),
      explanation: "The oldest packets, let go because the table holds no more.",
    });
  return items;
}

function liveItems(live: LiveState): LedgerItem[] {
  const thinned = live.matched - live.shown;
  return [
    { id: "seen", label: "Recorded", value: exact(live.seen), explanation: "Records of the chosen hosts since the watch began." },
    {
      id: "thinned",
      label: "Thinned out",
      value: exact(thinned),
      explanation: "Records left out evenly, because more came in a second than were asked for, or this browser was too slow.",
      tone: thinned > 0 ? "loss" : undefined,
    },
    ...(live.letGo === 0
      ? []
      : [
          {
            id: "letGo",
            label: "Let go",
            value: exact(live.letGo),
            explanation: "Records that came while the list stood still, after as many waited as are kept.",
            tone: "loss" as const,
          },
        ]),
    ...(live.bad === 0
      ? []
      : [
          {
            id: "bad",
            label: "Unreadable",
            value: exact(live.bad),
            explanation: "Batches that were not sound and were left out.",
            tone: "loss" as const,
          },
        ]),
  ];
}
