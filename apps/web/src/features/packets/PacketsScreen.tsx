"use client";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { captureQuery } from "../../api/captures.ts";
import { visible } from "../../domain/text.ts";
import type { Source } from "../../live/packets/pagePackets.ts";
import { DropHint } from "../../ui/DropHint.tsx";
import { LedgerLine } from "../../ui/LedgerLine.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { TopBar } from "../../ui/Rail.tsx";
import { ConnectionState } from "../app/ConnectionState.tsx";
import { SavedViews } from "../app/SavedViews.tsx";
import { useServices } from "../app/services.tsx";
import { useStore } from "../app/useStore.ts";
import { Begin } from "./Begin.tsx";
import { packetLedger } from "./ledger.ts";
import { OpenPackets } from "./OpenPackets.tsx";
import { SourceBar } from "./SourceBar.tsx";
import { ALL_HOSTS, useLive } from "./useLive.ts";
import { useOpened } from "./useOpened.ts";
import { usePacketsView } from "./usePacketsView.ts";
import { WatchDialog } from "./WatchDialog.tsx";

const noState = { subscribe: () => () => {}, snapshot: () => null };

/** Packets of a file, of a capture or of hosts that are watched: list, layers and bytes. */
export function PacketsScreen() {
  const { api, packets: session } = useServices();
  const view = usePacketsView();
  const source = useStore(session.source);
  const table = useStore(session);
  const { packets: live, fault } = useLive(view.live);
  const liveState = useStore<ReturnType<NonNullable<typeof live>["state"]["snapshot"]> | null>(live?.state ?? noState);
  const [watching, setWatching] = useState(false);
  const [over, setOver] = useState(false);
  useOpened(session, source, view);
  useEffect(() => session.prepare(), [session]);

  const open = source.type !== "none" && table !== null;
  const name = (what: { file?: string; live?: string }) => {
    view.setFile(what.file ?? "");
    view.setLive(what.live ?? "");
    view.setCapture("");
    view.setPacket(null);
    view.setStream("");
    view.setView("packets");
  };
  const openFile = (file: File) => {
    // The file that the address names shows what the address says of it.
    if (file.name !== view.file || open) name({ file: file.name });
    void session.openFile(file);
  };
  const capture = useQuery({ ...captureQuery(api, view.capture), enabled: view.capture !== "" }).data;
  const title = titleOf(source, capture?.name ?? "");
  return (
    <div
      className="flex min-h-0 flex-1 flex-col"
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => (event.currentTarget.contains(event.relatedTarget as Element | null) ? undefined : setOver(false))}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer.files[0];
        if (file !== undefined) openFile(file);
      }}
    >
      <TopBar
        title={
          <div className="flex min-w-0 items-baseline gap-3">
            <h1 className="text-md font-semibold">Packets</h1>
            <span className="mono truncate text-xs text-muted">{title}</span>
          </div>
        }
      >
        <SourceBar
          source={source}
          table={table}
          live={live}
          liveState={liveState}
          onFile={openFile}
          onWatch={() => setWatching(true)}
          onCancel={() => void session.client.cancel()}
          onClose={() => {
            name({});
            void session.close();
          }}
        />
        <SavedViews screen="packets" />
        {view.live === "" ? null : <ConnectionState />}
      </TopBar>
      {over ? <DropHint>Drop the capture file: it is read in this browser and is not uploaded.</DropHint> : null}
      {open ? <LedgerLine items={packetLedger(table, liveState)} /> : null}
      {fault === null && (liveState === null || liveState.refused === null) ? null : (
        <div className="p-4">
          <Notice kind="error" title="These hosts cannot be watched">
            {fault ?? liveState?.refused?.detail}
          </Notice>
        </div>
      )}
      {open ? (
        <OpenPackets session={session} table={table} source={source} view={view} live={live} held={liveState?.held ?? null} />
      ) : (
        <Begin file={view.file} onFile={openFile} onWatch={() => setWatching(true)} />
      )}
      {watching ? (
        <WatchDialog
          onWatch={(hosts) => {
            setWatching(false);
            name({ live: hosts });
          }}
          onClose={() => setWatching(false)}
        />
      ) : null}
    </div>
  );
}

function titleOf(source: Source, capture: string): string {
  switch (source.type) {
    case "none":
      return "";
    case "file":
      return visible(source.name);
    case "capture":
      return visible(capture);
    case "live":
      return source.hosts === ALL_HOSTS ? "all hosts" : visible(source.hosts);
  }
}
