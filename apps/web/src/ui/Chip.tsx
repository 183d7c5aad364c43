import clsx from "clsx";
import type { MouseEvent, ReactNode } from "react";

export type ChipProps = {
  children: ReactNode;
  /** What a click does, in words; without it the chip is only text. */
  action?: string;
  onClick?: () => void;
  /** Any click opens a menu at a place of the window, px, and so it is never chosen. */
  onMenu?: (at: { readonly x: number; readonly y: number }) => void;
  /** Chosen: what it says is part of what is shown. */
  on?: boolean;
  /** Reached by Tab; not in a grid, whose rows the arrows walk. */
  tabbable?: boolean;
  /** Which of the values of a cell it is, for the menu of the table that it stands in. */
  part?: string;
};

/** A small value in a frame, in mono: a label, an address. A click acts on that value alone, not on the row it stands in. */
export function Chip({ children, action, onClick, onMenu, on = false, tabbable = true, part }: ChipProps) {
  const look = clsx(
    "mono inline-flex h-5 max-w-full items-center rounded border px-1.5 text-xs whitespace-nowrap",
    on ? "border-accent text-accent" : "border-line text-muted",
  );
  const click = onMenu === undefined ? onClick : (event: MouseEvent) => onMenu(below(event));
  if (click === undefined) return <span className={look}>{children}</span>;
  return (
    <button
      type="button"
      tabIndex={tabbable ? 0 : -1}
      data-part={part}
      title={action}
      aria-pressed={onMenu === undefined ? on : undefined}
      aria-haspopup={onMenu === undefined ? undefined : "menu"}
      onClick={(event) => {
        event.stopPropagation();
        click(event);
      }}
      onContextMenu={(event) => {
        if (onMenu === undefined) return;
        event.preventDefault();
        click(event);
      }}
      className={clsx(look, "hover:border-edge hover:text-ink")}
    >
      {children}
    </button>
  );
}

/** Under what was clicked, also where that was done by a key. */
function below({ currentTarget }: MouseEvent): { x: number; y: number } {
  const { left, bottom } = currentTarget.getBoundingClientRect();
  return { x: left, y: bottom };
}
