"use client";
import { ChartLine, Columns3, Download, Palette, Search } from "lucide-react";
import { useMemo, useState } from "react";
import { timeModes } from "../../domain/packets/rowTime.ts";
import type { RowTimeMode } from "../../domain/packets/rowTime.ts";
import type { TableState } from "../../live/packets/messages.ts";
import type { FilterState, PagePackets } from "../../live/packets/pagePackets.ts";
import { Menu } from "../../ui/Menu.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { Select } from "../../ui/Select.tsx";
import { ToolButton } from "../../ui/ToolButton.tsx";
import { useRemembered } from "../app/useRemembered.ts";
import { columnsShown, columnsWith, packetColumns } from "./columns.tsx";
import { FilterLine } from "./FilterLine.tsx";
import { saveBlob } from "./saveBlob.ts";
import { views } from "./usePacketsView.ts";
import type { PacketsView } from "./usePacketsView.ts";

export type PacketsBarProps = {
  view: PacketsView;
  session: PagePackets;
  table: TableState;
  filtering: FilterState;
  finding: boolean;
  onFind: () => void;
  onColours: () => void;
  /** Times count from the chosen packet from now on. */
  onReference: (() => void) | null;
  onFailed: (what: string) => void;
};

const known = (names: readonly (string | null)[]): string[] => [...new Set(names.filter((name) => name !== null))];

/** Display filter, what is looked at, how times are written, and what changes the list. */
export function PacketsBar(props: PacketsBarProps) {
  const { view, session, table, filtering, finding, onFind, onColours, onReference, onFailed } = props;
  const [kept, keep] = useRemembered("packets.columns");
  const several = table.interfaces.length > 1 || table.interfaces.some((one) => one.host !== null);
  const shown = columnsShown(kept, several);
  const { interfaces } = table;
  const hosts = useMemo(() => known(interfaces.map((one) => one.host)), [interfaces]);
  const names = useMemo(() => known(interfaces.map((one) => one.name)), [interfaces]);
  return (
    <div className="flex shrink-0 flex-col gap-1 border-b border-line px-4 py-2">
      <FilterLine value={view.filter} onChange={view.setFilter} state={filtering} hosts={hosts} interfaces={names} />
      <div className="flex flex-wrap items-center gap-2">
        <Segmented label="View" options={views} value={view.view} onChange={view.setView} />
        <Select
          label="Times"
          value={view.time}
          onChange={(next) => {
            const mode: RowTimeMode = timeModes.find((one) => one.value === next)?.value ?? "relative";
            if (mode === "reference") onReference?.();
            view.setTime(mode);
          }}
        >
          {timeModes.map((mode) => (
            <option key={mode.value} value={mode.value} disabled={mode.value === "reference" && onReference === null}>
              {mode.label}
            </option>
          ))}
        </Select>
        <div className="ml-auto flex flex-wrap items-center gap-2">
          <ToolButton aria-pressed={finding} icon={<Search size={14} aria-hidden />} onClick={onFind} title="Ctrl+F">
            Find
          </ToolButton>
          <ToolButton aria-pressed={view.graph} icon={<ChartLine size={14} aria-hidden />} onClick={() => view.setGraph(!view.graph)}>
            Graph
          </ToolButton>
          <Menu
            trigger={<ToolButton icon={<Columns3 size={14} aria-hidden />}>Columns</ToolButton>}
            groups={[
              {
                label: "Columns of the list",
                items: packetColumns.map((one) => ({
                  label: one.name,
                  checked: shown.includes(one),
                  onSelect: () => keep(columnsWith(shown, one.id)),
                })),
              },
              { label: "All of them", items: [{ label: "Back to the usual ones", onSelect: () => keep("") }] },
            ]}
          />
          <ToolButton icon={<Palette size={14} aria-hidden />} onClick={onColours}>
            Colours
          </ToolButton>
          <SaveMenu session={session} table={table} onFailed={onFailed} />
        </div>
      </div>
    </div>
  );
}

const kinds = [
  { what: "view", label: "Packets shown" },
  { what: "marked", label: "Marked packets" },
  { what: "all", label: "All packets" },
] as const;

function SaveMenu({ session, table, onFailed }: { session: PagePackets; table: TableState; onFailed: (what: string) => void }) {
  const [busy, setBusy] = useState(false);
  const save = async (what: (typeof kinds)[number]["what"]) => {
    setBusy(true);
    try {
      saveBlob(await session.client.save(what), `${table.name.replace(/\.(pcap|pcapng|cap)(\.gz)?$/i, "") || "packets"}.pcapng`);
    } catch (error) {
      onFailed(error instanceof Error ? error.message : "the packets could not be saved");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Menu
      trigger={
        <ToolButton icon={<Download size={14} aria-hidden />} busy={busy} disabled={table.packets === 0}>
          Save
        </ToolButton>
      }
      groups={[
        {
          label: "As a pcapng file, with comments",
          items: kinds.map(({ what, label }) => ({ label, onSelect: () => void save(what) })),
        },
      ]}
    />
  );
}
