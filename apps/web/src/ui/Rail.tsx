import clsx from "clsx";
import type { ReactElement, ReactNode } from "react";

/** The narrow column of screens at the left, on a phone a row at the bottom. Items are links or buttons made by `railItem`. */
export function Rail({ top, bottom }: { top: ReactNode; bottom: ReactNode }) {
  return (
    <nav
      aria-label="Screens"
      className="flex w-12 shrink-0 flex-col items-center justify-between border-r border-line bg-surface py-2 max-sm:w-full max-sm:flex-row max-sm:overflow-x-auto max-sm:border-t max-sm:border-r-0 max-sm:px-2 max-sm:py-1"
    >
      <div className="flex flex-col items-center gap-1 max-sm:flex-row max-sm:gap-0">{top}</div>
      <div className="flex flex-col items-center gap-1 max-sm:flex-row max-sm:gap-0">{bottom}</div>
    </nav>
  );
}

/** Classes of one item of the rail. */
export function railItem(current: boolean): string {
  return clsx(
    "flex size-9 shrink-0 items-center justify-center rounded",
    current ? "bg-selected text-accent" : "text-muted hover:bg-hover hover:text-ink",
  );
}

/** The bar over every screen: where this is, then what acts on all of it. */
export function TopBar({ title, children }: { title: ReactElement; children: ReactNode }) {
  return (
    <header className="flex min-h-11 shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-surface px-4 py-1">
      {title}
      <div className="ml-auto flex flex-wrap items-center gap-3">{children}</div>
    </header>
  );
}
