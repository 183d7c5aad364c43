"use client";
import clsx from "clsx";
import { ChevronRight } from "lucide-react";
import { useEffect, useId, useRef } from "react";
import type { KeyboardEvent } from "react";

/** One visible node. Of a tree that is unfolded in part, all visible nodes stand in one list. */
export type TreeRow = {
  readonly id: string;
  /** From 1. */
  readonly level: number;
  readonly label: string;
  /** In mono behind the label. */
  readonly value: string;
  /** Null: nothing is below it. */
  readonly expanded: boolean | null;
  /** A heading stands on the surface. */
  readonly heading: boolean;
  /** Said in words at the end: why it is not whole. */
  readonly problem?: string | undefined;
};

export type TreeProps = {
  label: string;
  rows: readonly TreeRow[];
  selected: string | null;
  onSelect: (id: string) => void;
  onToggle: (id: string) => void;
  onHover: (id: string | null) => void;
  /** Enter, the menu key, the other mouse button, or a click on the value of the chosen node. */
  onMenu?: (id: string, at: { readonly x: number; readonly y: number }) => void;
};

/** Nodes below nodes, walked and unfolded by arrow keys as in any tree. */
export function Tree({ label, rows, selected, onSelect, onToggle, onHover, onMenu }: TreeProps) {
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const at = rows.findIndex((row) => row.id === selected);
  useEffect(() => {
    if (selected === null) return;
    box.current?.querySelector(`[data-node="${selected}"]`)?.scrollIntoView({ block: "nearest" });
  }, [selected]);

  const menuOf = (row: TreeRow) => {
    const place = box.current?.querySelector(`[data-node="${row.id}"]`)?.getBoundingClientRect();
    if (place !== undefined) onMenu?.(row.id, { x: place.left + 40, y: place.bottom });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[at];
    const go = (to: TreeRow | undefined) => {
      event.preventDefault();
      if (to !== undefined) onSelect(to.id);
    };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown") return go(rows[Math.min(rows.length - 1, at + 1)]);
    if (event.key === "ArrowUp") return go(rows[Math.max(0, at - 1)]);
    if (event.key === "Home") return go(rows[0]);
    if (event.key === "End") return go(rows.at(-1));
    if (row === undefined) return;
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      const opens = event.key === "ArrowRight";
      if (row.expanded === !opens) {
        event.preventDefault();
        onToggle(row.id);
      } else if (opens) go(row.expanded === true ? rows[at + 1] : undefined);
      else go(rows.slice(0, at).findLast((one) => one.level < row.level));
    } else if (onMenu === undefined) {
      if (event.key === "Enter" && row.expanded !== null) onToggle(row.id);
    } else if (event.key === "Enter" || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      event.preventDefault();
      menuOf(row);
    }
  };
  const idAt = (target: EventTarget): string | null =>
    target instanceof Element ? (target.closest<HTMLElement>("[data-node]")?.dataset["node"] ?? null) : null;
  return (
    <div
      ref={box}
      role="tree"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={at < 0 ? undefined : `${id}-${selected}`}
      onKeyDown={onKeyDown}
      onPointerOver={(event) => onHover(idAt(event.target))}
      onPointerLeave={() => onHover(null)}
      onClick={(event) => {
        const on = idAt(event.target);
        if (on === null) return;
        const within = (what: string): boolean => event.target instanceof Element && event.target.closest(what) !== null;
        if (on === selected && within("[data-value]") && onMenu !== undefined) onMenu(on, { x: event.clientX, y: event.clientY });
        else if (on === selected || within("[data-sign]")) onToggle(on);
        onSelect(on);
      }}
      onContextMenu={(event) => {
        const on = idAt(event.target);
        if (on === null || onMenu === undefined) return;
        event.preventDefault();
        onSelect(on);
        onMenu(on, { x: event.clientX, y: event.clientY });
      }}
      className="min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
    >
      {rows.map((row) => (
        <div
          key={row.id}
          id={`${id}-${row.id}`}
          role="treeitem"
          aria-level={row.level}
          aria-selected={row.id === selected}
          aria-expanded={row.expanded ?? undefined}
          data-node={row.id}
          className={clsx(
            "flex min-h-6 cursor-default items-start gap-1 py-0.5 pr-4",
            row.heading && "border-b border-line",
            row.id === selected ? "bg-selected" : row.heading ? "bg-surface hover:bg-hover" : "hover:bg-hover",
          )}
          style={{ paddingLeft: 8 + (row.level - 1) * 16 }}
        >
          <span aria-hidden data-sign className="flex h-5 w-4 shrink-0 items-center justify-center text-muted">
            {row.expanded === null ? null : <ChevronRight size={14} className={clsx(row.expanded && "rotate-90")} />}
          </span>
          <span className={clsx("shrink-0", row.heading ? "font-medium" : row.id === selected ? "text-ink" : "text-muted")}>
            {row.label}
          </span>
          <span
            data-value={row.heading ? undefined : ""}
            className={clsx("mono min-w-0 pl-2 break-words", row.heading && "truncate text-xs leading-5 text-muted")}
          >
            {row.value}
          </span>
          {row.problem === undefined ? null : <span className="ml-auto shrink-0 pl-2 text-xs leading-5 text-dropped">{row.problem}</span>}
        </div>
      ))}
    </div>
  );
}
