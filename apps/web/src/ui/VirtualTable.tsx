"use client";
import clsx from "clsx";
import { useEffect, useEffectEvent, useId, useRef, useState } from "react";
import type { KeyboardEvent, MouseEvent, ReactNode } from "react";
import { ROW } from "./rowWindow.ts";
import { type RowTone, rowTones } from "./rowTones.ts";
import { hasSelection, useSelectionBefore } from "./selection.ts";
import { useRowWindow } from "./useRowWindow.ts";
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
  /** Enter on the chosen row; a click on any where `clicks` says so. */
  onOpen?: (index: number) => void;
  /** What a click on a row does: it chooses it, unless said otherwise. */
  clicks?: "choose" | "open";
  /** Keeps the last row in sight. */
  follow?: boolean;
  /** True when a person scrolled away from the end, false when they came back. */
  onScrolledAway?: (away: boolean) => void;
  /** The pointer came over the rows, or left them; where there are none it is over none. */
  onPointer?: (over: boolean) => void;
  /** The last rows came into sight; called with every change of what is in sight while they are. */
  onEnd?: () => void;
  /** Colours a row; said in words by its cells. */
  rowTone?: (index: number) => RowTone | null;
  /** What is in sight: from the first row to the one behind the last. */
  onWindow?: (first: number, end: number) => void;
  /**
   * The menu key or the other mouse button on a row, or a click on a value of the chosen one where a click chooses; `column`
   * is null by key, `part` the `data-part` of the element within the cell, where it has one.
   */
  onMenu?: (at: { index: number; column: string | null; part: string | null; x: number; y: number }) => void;
  /** Shown in place of rows. */
  empty?: ReactNode;
};

const GAP = 12;
const PADDING = 32;

/** Header and rows are grids of their own: the same tracks and the same least width keep them in line. */
function gridOf(columns: readonly Column[]): { gridTemplateColumns: string; minWidth: number } {
  return {
    gridTemplateColumns: columns.map(({ min, grow }) => (grow === undefined ? `${min}px` : `minmax(${min}px, ${grow})`)).join(" "),
    minWidth: columns.reduce((sum, column) => sum + column.min, 0) + GAP * (columns.length - 1) + PADDING,
  };
}

/** Words that follow a column of numbers keep their distance from it. */
function sideOf(columns: readonly Column[], i: number): string {
  if (columns[i]?.align === "right") return "text-right";
  return columns[i - 1]?.align === "right" ? "pl-3" : "";
}

/** Rows of 28 px under a sticky header; only those in sight are in the page. A grid for assistive technology. */
export function VirtualTable(props: VirtualTableProps) {
  const { label, columns, rowCount, rowKey, cells, selected, onSelect, onOpen, clicks = "choose", follow = false, empty } = props;
  const { onScrolledAway, onPointer, onEnd, onWindow, onMenu, rowTone } = props;
  const id = useId();
  const rows = useRowWindow({ count: rowCount, follow });
  const { first, end, shift, height } = rows.window;

  const chosen = selected < 0 ? -1 : rowKey(selected);
  const inSight = useRef(false);
  useEffect(() => {
    if (selected >= 0) rows.reveal(selected);
    inSight.current = true;
    // Only a new choice scrolls; rows that come must not.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [chosen]);
  // A pane that opens beside the list must not hide the row that it is about.
  useEffect(() => {
    if (selected >= 0 && inSight.current) rows.reveal(selected);
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [rows.view]);
  useEffect(() => {
    inSight.current = selected >= 0 && rows.sees(selected);
  });
  useEffect(() => {
    onWindow?.(first, end);
    if (rowCount > 0 && end >= rowCount) onEnd?.();
    // What is called may change with every render; what is in sight says when.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [first, end, rowCount]);

  const before = useSelectionBefore();
  const [over, setOver] = useState(false);
  const overRows = over && rowCount > 0;
  const tellPointer = useEffectEvent((is: boolean) => onPointer?.(is));
  useEffect(() => {
    if (overRows) tellPointer(true);
    return overRows ? () => tellPointer(false) : undefined;
  }, [overRows]);

  const rowAt = (target: EventTarget) => (target instanceof Element ? target.closest<HTMLElement>("[data-index]") : null);
  const menuByKey = (): boolean => {
    const row = rows.box.current?.querySelector<HTMLElement>(`[data-index="${selected}"]`);
    if (onMenu === undefined || row === null || row === undefined) return false;
    const box = row.getBoundingClientRect();
    onMenu({ index: selected, column: null, part: null, x: box.left + 120, y: box.bottom });
    return true;
  };
  const menuByPointer = (event: MouseEvent): boolean => {
    const row = rowAt(event.target);
    if (onMenu === undefined || row === null) return false;
    const told = (name: "column" | "part") =>
      event.target instanceof Element ? (event.target.closest<HTMLElement>(`[data-${name}]`)?.dataset[name] ?? null) : null;
    const at = { x: event.clientX, y: event.clientY };
    onMenu({ index: Number(row.dataset["index"]), column: told("column"), part: told("part"), ...at });
    return true;
  };
  const onClick = (event: MouseEvent) => {
    const row = rowAt(event.target);
    // A click on a link or button of a row is for that alone, and one that ends a selection of text is for none.
    if (row === null || (event.target instanceof Element && event.target.closest("a, button") !== null) || hasSelection(row)) return;
    const index = Number(row.dataset["index"]);
    if (clicks === "open") onOpen?.(index);
    // The first click chooses the row, one more is for the value that it is on.
    else if (index !== selected || !menuByPointer(event)) onSelect(index, "click");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && selected >= 0) {
      onOpen?.(selected);
      return;
    }
    if ((event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) && menuByKey()) {
      event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((rows.box.current?.clientHeight ?? ROW) / ROW) - 2);
    const next = walk(event.key, selected, rowCount, page);
    if (next === null) return;
    event.preventDefault();
    onSelect(next, "walk");
  };
  const grid = gridOf(columns);
  const indexes = Array.from({ length: end - first }, (_, i) => first + i);
  return (
    <div
      ref={rows.box}
      role="grid"
      aria-label={label}
      aria-rowcount={rowCount + 1}
      aria-colcount={columns.length}
      aria-activedescendant={selected >= first && selected < end ? `${id}-${rowKey(selected)}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onPointerDown={(event) => before.pressed(rowAt(event.target) ?? event.currentTarget)}
      onContextMenu={(event) => {
        const row = rowAt(event.target);
        if (row !== null && !before.selected(row) && menuByPointer(event)) event.preventDefault();
      }}
      onPointerEnter={(event) => (event.pointerType === "mouse" ? setOver(true) : undefined)}
      onPointerLeave={() => setOver(false)}
      onScroll={() => {
        const away = rows.scrolled();
        if (away !== null) onScrolledAway?.(away);
      }}
      className="relative min-h-0 flex-1 overflow-auto contain-content focus-visible:-outline-offset-2"
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
      <div role={rowCount === 0 ? "presentation" : "rowgroup"} className="relative" style={{ height, minWidth: grid.minWidth }}>
        {indexes.map((index) => {
          const tone = rowTone?.(index) ?? null;
          return (
            <div
              key={rowKey(index)}
              id={`${id}-${rowKey(index)}`}
              role="row"
              aria-rowindex={index + 2}
              aria-selected={index === selected}
              data-index={index}
              className={clsx(
                "absolute inset-x-0 top-0 grid h-7 items-center gap-x-3 px-4 contain-strict",
                index === selected ? "bg-selected shadow-[inset_2px_0_0_var(--accent)]" : "hover:bg-hover",
                index !== selected && tone !== null && rowTones[tone],
              )}
              style={{ ...grid, transform: `translateY(${index * ROW + shift}px)` }}
            >
              {cells(index).map((cell, i) => (
                <div
                  key={columns[i]?.id ?? i}
                  role="gridcell"
                  data-column={columns[i]?.id}
                  className={clsx("truncate", sideOf(columns, i), columns[i]?.mono === true && "mono")}
                >
                  {cell}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
