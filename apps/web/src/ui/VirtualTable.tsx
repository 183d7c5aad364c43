"use client";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import type { Range } from "@tanstack/react-virtual";
import clsx from "clsx";
import { useEffect, useId, useLayoutEffect, useRef } from "react";
import type { KeyboardEvent, ReactNode } from "react";
import { walk } from "./walk.ts";

export type Column = {
  readonly id: string;
  readonly header: ReactNode;
  /** Least width in pixels; below the sum of these the table scrolls sideways. */
  readonly min: number;
  /** How far it may grow, as the upper end of a CSS grid track: `1fr` or a length. */
  readonly grow?: string;
  readonly align?: "right";
  readonly mono?: boolean;
};

export type VirtualTableProps = {
  label: string;
  columns: readonly Column[];
  rowCount: number;
  /** Stays with a row while others come and go. */
  rowKey: (index: number) => number | string;
  /** One cell per column, in order. */
  cells: (index: number) => readonly ReactNode[];
  /** Index of the chosen row, or −1. */
  selected: number;
  onSelect: (index: number, how: "click" | "walk") => void;
  /** Enter on the chosen row. */
  onOpen?: (index: number) => void;
  /** Keeps the last row in sight. */
  follow?: boolean;
  /** True when a person scrolled away from the end, false when they came back. */
  onScrolledAway?: (away: boolean) => void;
  onPointer?: (over: boolean) => void;
  /** The last rows came into sight; called with every change of what is in sight while they are. */
  onEnd?: () => void;
  /** Shown in place of rows. */
  empty?: ReactNode;
};

const ROW = 28;
const GAP = 12;
const PADDING = 32;

/** Header and rows are grids of their own: the same tracks and the same least width keep them in line. */
function gridOf(columns: readonly Column[]): { gridTemplateColumns: string; minWidth: number } {
  return {
    gridTemplateColumns: columns.map(({ min, grow }) => (grow === undefined ? `${min}px` : `minmax(${min}px, ${grow})`)).join(" "),
    minWidth: columns.reduce((sum, column) => sum + column.min, 0) + GAP * (columns.length - 1) + PADDING,
  };
}

/** The rows at the end. A followed list scrolls there after it is drawn: rows of where it stood before would leave it blank for a frame. */
function tailOf({ count, overscan }: Range, height: number): number[] {
  const first = Math.max(0, count - Math.ceil(height / ROW) - overscan);
  return Array.from({ length: count - first }, (_, i) => first + i);
}

/** Words that follow a column of numbers keep their distance from it. */
function sideOf(columns: readonly Column[], i: number): string {
  if (columns[i]?.align === "right") return "text-right";
  return columns[i - 1]?.align === "right" ? "pl-3" : "";
}

/** Where a scrolled box stands: distance from its top, its own height, and that of all it holds. */
const placeOf = (box: HTMLElement) => ({ top: box.scrollTop, height: box.clientHeight, all: box.scrollHeight });

/** Rows of 28 px under a sticky header; only those in sight are in the page. A grid for assistive technology. */
export function VirtualTable(props: VirtualTableProps) {
  "use no memo";
  const {
    label,
    columns,
    rowCount,
    rowKey,
    cells,
    selected,
    onSelect,
    onOpen,
    follow = false,
    onScrolledAway,
    onPointer,
    onEnd,
    empty,
  } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const place = useRef({ top: 0, height: 0, all: 0 });
  const id = useId();
  const virtual = useVirtualizer({
    count: rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: rowKey,
    overscan: 8,
    scrollPaddingStart: ROW,
    rangeExtractor: (range) => (follow ? tailOf(range, scroller.current?.clientHeight ?? 0) : defaultRangeExtractor(range)),
    initialRect: { width: 1280, height: 600 },
  });

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!follow || box === null) return;
    box.scrollTop = box.scrollHeight;
    place.current = placeOf(box);
  });
  useEffect(() => {
    if (selected >= 0) virtual.scrollToIndex(selected, { align: "auto" });
    // Only a new choice scrolls; rows that come must not.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [selected < 0 ? -1 : rowKey(selected)]);

  const last = virtual.getVirtualItems().at(-1)?.index ?? -1;
  useEffect(() => {
    if (rowCount > 0 && last >= rowCount - 1) onEnd?.();
    // What is called may change with every render; what is in sight says when.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [last, rowCount]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && selected >= 0) {
      onOpen?.(selected);
      return;
    }
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW) / ROW) - 2);
    const next = walk(event.key, selected, rowCount, page);
    if (next === null) return;
    event.preventDefault();
    onSelect(next, "walk");
  };
  const grid = gridOf(columns);
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={rowCount + 1}
      aria-colcount={columns.length}
      aria-activedescendant={selected >= 0 ? `${id}-${rowKey(selected)}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        const row = event.target instanceof Element ? event.target.closest("[data-index]") : null;
        if (row !== null) onSelect(Number(row.getAttribute("data-index")), "click");
      }}
      onPointerEnter={(event) => (event.pointerType === "mouse" ? onPointer?.(true) : undefined)}
      onPointerLeave={() => onPointer?.(false)}
      onScroll={(event) => {
        const was = place.current;
        const now = placeOf(event.currentTarget);
        place.current = now;
        // A window that changes its size moves the list as well; up within the same size moves only a person.
        if (now.all - now.top - now.height <= ROW) onScrolledAway?.(false);
        else if (now.top < was.top && now.height === was.height && now.all >= was.all) onScrolledAway?.(true);
      }}
      className="relative min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
    >
      <div
        role="row"
        aria-rowindex={1}
        className="sticky top-0 z-10 grid h-7 items-center gap-x-3 border-b border-line bg-surface px-4 text-xs text-muted"
        style={grid}
      >
        {columns.map((column, i) => (
          <div key={column.id} role="columnheader" className={clsx("truncate font-medium", sideOf(columns, i))}>
            {column.header}
          </div>
        ))}
      </div>
      {rowCount === 0 && empty !== undefined ? (
        <div role="row">
          <div role="gridcell">{empty}</div>
        </div>
      ) : null}
      <div
        role={rowCount === 0 ? "presentation" : "rowgroup"}
        className="relative"
        style={{ height: virtual.getTotalSize(), minWidth: grid.minWidth }}
      >
        {virtual.getVirtualItems().map((item) => (
          <div
            key={item.key}
            id={`${id}-${item.key}`}
            role="row"
            aria-rowindex={item.index + 2}
            aria-selected={item.index === selected}
            data-index={item.index}
            className={clsx(
              "absolute inset-x-0 top-0 grid h-7 items-center gap-x-3 px-4",
              item.index === selected ? "bg-selected shadow-[inset_2px_0_0_var(--accent)]" : "hover:bg-hover",
            )}
            style={{ ...grid, transform: `translateY(${item.start}px)` }}
          >
            {cells(item.index).map((cell, i) => (
              <div
                key={columns[i]?.id ?? i}
                role="gridcell"
                className={clsx("truncate", sideOf(columns, i), columns[i]?.mono === true && "mono")}
              >
                {cell}
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
