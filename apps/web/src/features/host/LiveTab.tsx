"use client";
import type { HostInterface, HostStatus } from "../../api/types.ts";
import { useMemo, useState } from "react";
import { detach } from "../../domain/record.ts";
import type { RecordRef } from "../../domain/record.ts";
import type { HostFeed } from "../../live/hostFeed.ts";
import { PacketDetail } from "./PacketDetail.tsx";
import { PacketList } from "./PacketList.tsx";
import { RateCharts } from "./RateCharts.tsx";
import { usePacketMenu } from "./useHostMenus.ts";

/** The chosen packet: its row number, and its bytes copied so that they outlive the ring. */
export type Chosen = { readonly row: number; readonly record: RecordRef };

/** Rates above, packets below, the chosen packet beside them. To include a value opens the screen of packets, watching this host. */
export function LiveTab({
  host,
  live,
  interfaces,
  status,
}: {
  /** Its name is null until it is known. */
  host: { readonly id: string; readonly name: string | null };
  live: HostFeed;
  interfaces: readonly HostInterface[];
  status: HostStatus | null;
}) {
  const { show, menu } = usePacketMenu(host);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const names = useMemo(() => new Map(interfaces.map((one) => [one.ifindex, one.name])), [interfaces]);
  const choose = (row: number | null) => {
    const record = row === null ? null : live.packets.record(row);
    setChosen(row === null || record === null ? null : { row, record: detach(record) });
  };
  const close = () => {
    setChosen(null);
    // Walking scrolls as well; who only looked at a row far up stays there.
    const walked = live.packets.snapshot().held === "walking";
    live.packets.release("walking", ...(walked ? (["scrolled"] as const) : []));
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <RateCharts hostId={host.id} live={live} interfaces={interfaces} />
      <div className="flex min-h-0 flex-1">
        <PacketList
          live={live}
          names={names}
          status={status}
          chosen={chosen?.row ?? null}
          onChoose={choose}
          onMenu={show}
          onClose={close}
        />
        {chosen === null ? null : <PacketDetail record={chosen.record} names={names} live={live} onMenu={show} onClose={close} />}
        {menu}
      </div>
    </div>
  );
}
