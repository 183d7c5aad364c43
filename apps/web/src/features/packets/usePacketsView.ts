"use client";
import { type RowTimeMode, timeModes } from "../../domain/packets/rowTime.ts";
import { useUrlState } from "../app/useUrlState.ts";

export const views = [
  { value: "packets", label: "Packets" },
  { value: "conversations", label: "Conversations" },
  { value: "endpoints", label: "Endpoints" },
  { value: "stream", label: "Stream" },
] as const;
type ViewName = (typeof views)[number]["value"];

/** What the screen shows, as its address has it. */
export type PacketsView = {
  /** As it is typed. */
  readonly filter: string;
  readonly setFilter: (filter: string) => void;
  readonly time: RowTimeMode;
  readonly setTime: (mode: RowTimeMode) => void;
  /** Number of the chosen packet. */
  readonly packet: number | null;
  readonly setPacket: (number: number | null) => void;
  readonly view: ViewName;
  readonly setView: (view: ViewName) => void;
  /** "tcp.3": the conversation that is followed. */
  readonly stream: string;
  readonly setStream: (stream: string) => void;
  readonly graph: boolean;
  readonly setGraph: (graph: boolean) => void;
  /** What the address names as open. */
  readonly file: string;
  readonly setFile: (name: string) => void;
  readonly capture: string;
  readonly setCapture: (id: string) => void;
  readonly live: string;
  readonly setLive: (hosts: string) => void;
};

export function usePacketsView(): PacketsView {
  const [filter, setFilter] = useUrlState("filter");
  const [time, setTime] = useUrlState("time");
  const [packet, setPacket] = useUrlState("packet");
  const [view, setView] = useUrlState("view");
  const [stream, setStream] = useUrlState("stream");
  const [graph, setGraph] = useUrlState("graph");
  const [file, setFile] = useUrlState("file");
  const [capture, setCapture] = useUrlState("capture");
  const [live, setLive] = useUrlState("live");
  const number = /^[1-9][0-9]{0,9}$/.test(packet) ? Number(packet) : null;
  return {
    filter,
    setFilter,
    time: timeModes.find((one) => one.value === time)?.value ?? "relative",
    setTime: (mode) => setTime(mode === "relative" ? "" : mode),
    packet: number,
    setPacket: (next) => setPacket(next === null ? "" : String(next)),
    view: views.find((one) => one.value === view)?.value ?? "packets",
    setView: (next) => setView(next === "packets" ? "" : next),
    stream,
    setStream,
    graph: graph === "1",
    setGraph: (on) => setGraph(on ? "1" : ""),
    file,
    setFile,
    capture,
    setCapture,
    live,
    setLive,
  };
}
