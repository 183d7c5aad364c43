"use client";
import type { RefObject } from "react";
import type { HostStatus } from "../../api/types.ts";
import type { TimeMode } from "../../domain/time.ts";
import { exact } from "../../domain/units.ts";
import type { HoldReason, PacketSnapshot } from "../../live/packetStore.ts";
import { Button } from "../../ui/Button.tsx";
import { SearchField } from "../../ui/SearchField.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";

const modes = [
  { value: "local", label: "Local" },
  { value: "utc", label: "UTC" },
  { value: "relative", label: "Relative" },
  { value: "delta", label: "Delta" },
] as const satisfies readonly { value: TimeMode; label: string }[];

const heldWords: Record<HoldReason, string> = {
  paused: "Paused",
  walking: "Held while you walk packets",
  scrolled: "Held: scrolled up",
  pointer: "Held while the pointer is over the list",
};

export type PacketToolbarProps = {
  status: HostStatus | null;
  list: PacketSnapshot;
  /** Rows that the text filter lets through. */
  shown: number;
  mode: TimeMode;
  onMode: (mode: TimeMode) => void;
  needle: string;
  onNeedle: (needle: string) => void;
  searchRef: RefObject<HTMLInputElement | null>;
  onResume: () => void;
};

/** Whether the list follows or why it does not, how many rows are new, how times are written, and the text filter. */
export function PacketToolbar({ status, list, shown, mode, onMode, needle, onNeedle, searchRef, onResume }: PacketToolbarProps) {
  const held = list.held;
  const kept = list.end - list.first;
  return (
    <div className="flex min-h-9 shrink-0 flex-wrap items-center gap-x-4 gap-y-1 px-4 py-1 text-xs">
      <span role="status" aria-label="Packet list" className="inline-flex items-center gap-2">
        {held === null && status !== "live" ? (
          <StatusDot tone="muted" shape="ring" label="Waiting for the host" />
        ) : held === null ? (
          <StatusDot tone="ok" shape="filled" label="Following" />
        ) : (
          <StatusDot tone="monitored" shape="half" label={heldWords[held]} />
        )}
        {held === null ? null : <span className="text-muted">{exact(list.fresh)} new</span>}
      </span>
      {held === "walking" || held === "scrolled" ? (
        <Button look="quiet" className="h-6 text-xs" onClick={onResume}>
          Follow
        </Button>
      ) : null}
      <span className="text-muted">
        {needle === "" ? `${exact(kept)} rows kept` : `${exact(shown)} of ${exact(kept)} rows`}
        {list.first > 0 ? ", older ones are past" : ""}
      </span>
      <div className="ml-auto flex items-center gap-3">
        <SearchField
          label="Filter the rows shown"
          placeholder="Filter rows by text  ( / )"
          value={needle}
          onChange={onNeedle}
          inputRef={searchRef}
        />
        <Segmented label="Times" options={modes} value={mode} onChange={onMode} />
      </div>
    </div>
  );
}
