import type { ReactNode } from "react";

/** The bar over a pane: what it shows, then what can be done with it. */
export function PaneBar({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <div className="flex min-h-9 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-y border-line bg-surface px-4 py-1">
      <h2 className="mono min-w-0 flex-1 truncate text-xs">{title}</h2>
      {children}
    </div>
  );
}
