"use client";
import { useMemo, useState } from "react";
import * as rec from "../../domain/record.ts";
import type { RecordRef } from "../../domain/record.ts";
import { recordLayers } from "../../domain/recordLayers.ts";
import { lineOf, summarise } from "../../domain/summary.ts";
import { visible } from "../../domain/text.ts";
import { packetTime } from "../../domain/time.ts";
import type { HostFeed } from "../../live/hostFeed.ts";
import { HexView } from "../../ui/HexView.tsx";
import type { ByteRange } from "../../ui/HexView.tsx";
import { SidePanel } from "../../ui/SidePanel.tsx";
import { useStore } from "../app/useStore.ts";
import type { ShowMenu } from "../app/valueMenu.tsx";
import { LayerTree } from "./LayerTree.tsx";

/** One packet, layer by layer, and its captured bytes; what a field was read from is marked in the bytes. */
export function PacketDetail(props: {
  record: RecordRef;
  names: ReadonlyMap<number, string>;
  live: HostFeed;
  onMenu: ShowMenu;
  onClose: () => void;
}) {
  const { record, names, live, onMenu, onClose } = props;
  const clock = useStore(live.state).clock;
  const [marked, setMarked] = useState<ByteRange | null>(null);
  const layers = useMemo(() => {
    const index = rec.ifindex(record);
    const time = packetTime(rec.tsNs(record), "local", { bootToWallNs: clock?.bootToWallNs ?? null, firstNs: 0n, previousNs: null });
    return recordLayers(record, { interfaceName: visible(names.get(index) ?? `if${index}`), time });
  }, [record, names, clock]);
  const bytes = rec.captured(record);
  return (
    <SidePanel
      id="packet-detail"
      label="Packet"
      heading={<span className="mono text-xs">{lineOf(summarise(record))}</span>}
      closeLabel="Close packet"
      onClose={onClose}
      filled
    >
      <div className="flex min-h-0 flex-1 flex-col">
        <LayerTree layers={layers} onMark={setMarked} onMenu={onMenu} />
      </div>
      <div tabIndex={0} className="max-h-[45%] shrink-0 overflow-auto border-t border-line p-4 focus-visible:-outline-offset-2">
        <h3 className="pb-1 text-xs text-muted">
          {bytes.byteLength === 0 ? "No bytes captured" : `${bytes.byteLength} of ${rec.wireLen(record)} bytes captured`}
        </h3>
        <HexView bytes={bytes} marked={marked} />
      </div>
    </SidePanel>
  );
}
