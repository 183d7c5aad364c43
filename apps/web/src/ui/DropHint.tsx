import type { ReactNode } from "react";

/** Said while something is dragged over a place that takes it. */
export function DropHint({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="shrink-0 border-b border-accent bg-selected px-4 py-2 text-center">
      {children}
    </p>
  );
}
