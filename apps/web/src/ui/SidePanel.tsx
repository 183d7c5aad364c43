"use client";
import clsx from "clsx";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "./IconButton.tsx";

export type SidePanelProps = {
  /** Names it: what it is of. */
  label: string;
  heading: ReactNode;
  /** Said of the cross: "Close flow". */
  closeLabel: string;
  onClose: () => void;
  id?: string;
  /** Wider, and its content fills it to the edges. */
  filled?: boolean;
  children: ReactNode;
};

/** A row of a table in full, beside it. */
export function SidePanel({ label, heading, closeLabel, onClose, id, filled = false, children }: SidePanelProps) {
  return (
    <aside
      id={id}
      aria-label={label}
      tabIndex={-1}
      className={clsx(
        "flex max-w-[50vw] shrink-0 flex-col overflow-hidden border-l border-line focus-visible:-outline-offset-2 max-sm:fixed max-sm:inset-0 max-sm:z-30 max-sm:w-auto max-sm:max-w-none max-sm:bg-ground",
        filled ? "w-[544px]" : "w-[420px]",
      )}
    >
      <div className="flex min-h-9 items-center justify-between gap-2 border-b border-line bg-surface px-4">
        <h2 className="truncate text-sm font-medium">{heading}</h2>
        <IconButton label={closeLabel} onClick={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      <div className={clsx("min-h-0 flex-1", filled ? "flex flex-col" : "overflow-auto p-4")}>{children}</div>
    </aside>
  );
}
