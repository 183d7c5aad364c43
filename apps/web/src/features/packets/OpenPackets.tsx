"use client";
import { useState } from "react";
import type { LiveHold, LivePackets } from "../../live/packets/livePackets.ts";
import type { TableState } from "../../live/packets/messages.ts";
import type { PagePackets, Source } from "../../live/packets/pagePackets.ts";
import { Notice } from "../../ui/Notice.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { SplitPane } from "../../ui/SplitPane.tsx";
import { useNarrow } from "../app/useNarrow.ts";
import { useRemembered } from "../app/useRemembered.ts";
import { useStore } from "../app/useStore.ts";
import { ColoursDialog } from "./ColoursDialog.tsx";
import { CommentDialog } from "./CommentDialog.tsx";
import { FindBar } from "./FindBar.tsx";
import { GoToDialog } from "./GoToDialog.tsx";
import { GraphView } from "./GraphView.tsx";
import { PacketPane } from "./PacketPane.tsx";
import { PacketsBar } from "./PacketsBar.tsx";
import { PacketTable } from "./PacketTable.tsx";
import { StreamView, streamText } from "./StreamView.tsx";
import { TalksView } from "./TalksView.tsx";
import { useFields } from "./useFields.ts";
import { useColours, useFiltering } from "./useOpened.ts";
import { usePacketKeys } from "./usePacketKeys.ts";
import type { PacketsView } from "./usePacketsView.ts";
import { useSelection } from "./useSelection.ts";
import { useValueMenu } from "../app/valueMenu.tsx";

const panes = [
  { value: "list", label: "List" },
  { value: "layers", label: "Layers" },
  { value: "bytes", label: "Bytes" },
] as const;
type Pane = (typeof panes)[number]["value"];
type DialogName = "colours" | "comment" | "goto" | null;

export type OpenPacketsProps = {
  session: PagePackets;
  table: TableState;
  source: Source;
  view: PacketsView;
  live: LivePackets | null;
  held: LiveHold | null;
};

/** Everything of the screen that needs packets: the bar, the list with the chosen packet below it, and the other views of them. */
export function OpenPackets({ session, table, source, view, live, held }: OpenPacketsProps) {
  const filtering = useStore(session.filtering);
  const [share, setShare] = useRemembered("packets.list");
  const [finding, setFinding] = useState(false);
  const [dialog, setDialog] = useState<DialogName>(null);
  const [pane, setPane] = useState<Pane>("list");
  const [referenceNs, setReferenceNs] = useState<bigint | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const fields = useFields();
  const narrow = useNarrow();
  const faults = useColours(session, source);
  useFiltering(session, source, view.filter);
  const selection = useSelection({ session, table, address: view.packet, onAddress: view.setPacket });
  const { detail, number } = selection;
  const { show, menu, copy } = useValueMenu({ filter: view.filter, onFilter: view.setFilter });

  const attempt = (run: Promise<unknown>) =>
    void run.catch((error: unknown) => setFailed(error instanceof Error ? error.message : "it failed"));
  const mark = () => {
    if (detail !== null) attempt(session.client.mark([detail.row.number], !detail.row.marked));
  };
  const jump = (backwards: boolean) =>
    attempt(session.client.nextMark(number ?? 0, backwards).then((next) => (next === null ? undefined : selection.choose(next))));
  const close = () => {
    selection.choose(null);
    setPane("list");
    live?.release("walking", "scrolled");
  };
  const only = (filter: string) => {
    view.setFilter(filter);
    view.setView("packets");
  };
  const toPacket = (next: number) => {
    selection.choose(next);
    view.setView("packets");
  };
  const focusDetail = () => {
    if (narrow) setPane("layers");
    requestAnimationFrame(() => document.querySelector<HTMLElement>('#packet-detail [role="tree"]')?.focus());
  };
  usePacketKeys({
    find: () => setFinding(true),
    goTo: () => setDialog("goto"),
    mark,
    jump,
    close,
    pause: live === null ? null : () => (held === "paused" ? live.release("paused", "walking", "scrolled") : live.hold("paused")),
  });

  const list = (
    <PacketTable
      session={session}
      table={table}
      mode={view.time}
      referenceNs={referenceNs}
      selected={selection.place}
      onChoose={(place, chosen) => {
        live?.hold("walking");
        selection.choosePlace(place, chosen);
      }}
      onOpen={focusDetail}
      onMenu={show}
      follow={live !== null && held === null}
      onScrolledAway={(away) => (away ? live?.hold("scrolled") : live?.release("scrolled"))}
      onPointer={(on) => (on ? live?.hold("pointer") : live?.release("pointer"))}
    />
  );
  const packet =
    detail === null ? null : (
      <PacketPane
        detail={detail}
        fields={fields}
        only={!narrow || pane === "list" ? null : pane}
        onMenu={show}
        onCopy={copy}
        onMark={mark}
        onComment={() => setDialog("comment")}
        onFollow={() => {
          if (detail.stream === null) return;
          view.setStream(streamText(detail.stream));
          view.setView("stream");
        }}
        onClose={close}
      />
    );
  return (
    <>
      <PacketsBar
        view={view}
        session={session}
        table={table}
        filtering={filtering}
        finding={finding}
        onFind={() => setFinding(!finding)}
        onColours={() => setDialog("colours")}
        onReference={detail === null ? null : () => setReferenceNs(detail.row.timeNs)}
        onFailed={setFailed}
      />
      {finding ? <FindBar session={session} from={number ?? 0} onFound={toPacket} onClose={() => setFinding(false)} /> : null}
      {table.phase === "failed" || failed !== null ? (
        <div className="p-4">
          <Notice kind="error" title={table.phase === "failed" ? `${table.name} could not be read` : "That did not work"}>
            {failed ?? table.error?.message}
          </Notice>
        </div>
      ) : null}
      {view.graph ? <GraphView session={session} table={table} filter={view.filter} onFilter={view.setFilter} /> : null}
      {view.view === "conversations" || view.view === "endpoints" ? (
        <TalksView key={view.view} session={session} table={table} view={view.view} onOnly={only} onMenu={show} />
      ) : view.view === "stream" ? (
        <StreamView session={session} stream={view.stream} packets={table.packets} onPacket={toPacket} onOnly={only} />
      ) : narrow ? (
        <>
          <div className="flex shrink-0 justify-center border-b border-line py-1">
            <Segmented label="Pane" options={panes} value={pane} onChange={setPane} />
          </div>
          {pane === "list" || packet === null ? list : packet}
        </>
      ) : (
        <SplitPane
          label="Height of the packet list"
          direction="rows"
          share={Number(share) || 58}
          onShare={(next) => setShare(String(next))}
          first={list}
          second={packet}
        />
      )}
      {menu}
      {dialog === "colours" ? <ColoursDialog faults={faults} onClose={() => setDialog(null)} /> : null}
      {dialog === "goto" ? (
        <GoToDialog
          first={table.firstNumber}
          last={table.firstNumber + table.packets - 1}
          onGo={(next) => {
            setDialog(null);
            toPacket(next);
          }}
          onClose={() => setDialog(null)}
        />
      ) : null}
      {dialog === "comment" && detail !== null ? (
        <CommentDialog
          number={detail.row.number}
          text={detail.row.comments.join("\n")}
          onSave={(text) => {
            setDialog(null);
            attempt(session.client.comment(detail.row.number, text));
          }}
          onClose={() => setDialog(null)}
        />
      ) : null}
    </>
  );
}
