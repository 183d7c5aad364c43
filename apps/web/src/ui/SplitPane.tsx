"use client";
import clsx from "clsx";
import { useRef } from "react";
import type { KeyboardEvent, PointerEvent, ReactNode } from "react";

export type SplitPaneProps = {
  /** Names the line between the panes: "Size of the packet list". */
  label: string;
  /** `rows`: one over the other. */
  direction: "rows" | "columns";
  /** Share of the first pane, percent. */
  share: number;
  onShare: (share: number) => void;
  first: ReactNode;
  /** Null: the first has all the room. It stays the same element, with its focus and where it was scrolled to. */
  second: ReactNode;
};

const LEAST = 10;
const MOST = 90;
const STEP = 5;
const clamp = (share: number): number => Math.round(Math.min(MOST, Math.max(LEAST, share)) * 10) / 10;

/** Two panes and a line between them that is moved by pointer or by arrow keys; a double click halves. */
export function SplitPane({ label, direction, share, onShare, first, second }: SplitPaneProps) {
  const box = useRef<HTMLDivElement>(null);
  const rows = direction === "rows";
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    event.currentTarget.focus();
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const rect = box.current?.getBoundingClientRect();
    if (rect === undefined || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    onShare(clamp(rows ? ((event.clientY - rect.top) / rect.height) * 100 : ((event.clientX - rect.left) / rect.width) * 100));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = {
      ArrowUp: share - STEP,
      ArrowLeft: share - STEP,
      ArrowDown: share + STEP,
      ArrowRight: share + STEP,
      Home: LEAST,
      End: MOST,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onShare(clamp(to));
  };
  return (
    <div ref={box} className={clsx("flex min-h-0 min-w-0 flex-1", rows ? "flex-col" : "flex-row")}>
      <div className="flex min-h-0 min-w-0 flex-col" style={{ flex: `${share} 1 0px` }}>
        {first}
      </div>
      {second === null ? null : (
        <>
          <div
            role="separator"
            aria-label={label}
            aria-orientation={rows ? "horizontal" : "vertical"}
            aria-valuenow={Math.round(share)}
            aria-valuemin={LEAST}
            aria-valuemax={MOST}
            tabIndex={0}
            onPointerDown={onPointerDown}
            onPointerMove={onPointerMove}
            onKeyDown={onKeyDown}
            onDoubleClick={() => onShare(50)}
            className={clsx(
              "relative z-20 shrink-0 touch-none bg-line hover:bg-accent focus-visible:bg-accent focus-visible:outline-0",
              // The line is 1 px wide; what can be gripped is 9.
              "after:absolute after:content-['']",
              rows
                ? "h-px cursor-row-resize after:inset-x-0 after:-top-1 after:h-[9px]"
                : "w-px cursor-col-resize after:inset-y-0 after:-left-1 after:w-[9px]",
            )}
          />
          <div className="flex min-h-0 min-w-0 flex-col" style={{ flex: `${100 - share} 1 0px` }}>
            {second}
          </div>
        </>
      )}
    </div>
  );
}
