import clsx from "clsx";
import type { MouseEvent, ReactNode } from "react";

export type ChipProps = {
  children: ReactNode;
  /** What a click does, in words; without it the chip is only text. */
  action?: string;
  onClick?: (event: MouseEvent<HTMLButtonElement>) => void;
  /** A click opens a menu, and so it is never chosen. */
  menu?: boolean;
  /** Chosen: what it says is part of what is shown. */
  on?: boolean;
  /** Reached by Tab; not in a grid, whose rows the arrows walk. */
  tabbable?: boolean;
};

/** A small value in a frame, in mono: a label, an address. A click acts on that value alone, not on the row it stands in. */
export function Chip({ children, action, onClick, menu = false, on = false, tabbable = true }: ChipProps) {
  const look = clsx(
    "mono inline-flex h-5 max-w-full items-center rounded border px-1.5 text-xs whitespace-nowrap",
    on ? "border-accent text-accent" : "border-line text-muted",
  );
  if (onClick === undefined) return <span className={look}>{children}</span>;
  return (
    <button
      type="button"
      tabIndex={tabbable ? 0 : -1}
      title={action}
      aria-pressed={menu ? undefined : on}
      aria-haspopup={menu ? "menu" : undefined}
      onClick={(event) => {
        event.stopPropagation();
        onClick(event);
      }}
      className={clsx(look, "hover:border-edge hover:text-ink")}
    >
      {children}
    </button>
  );
}
