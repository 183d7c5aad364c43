"use client";
import type { KeyboardEvent, MouseEvent, ReactNode } from "react";
import { hasSelection, useSelectionBefore } from "./selection.ts";

export type MenuValueProps = {
  children: ReactNode;
  /** Enter, the menu key, or either mouse button, at a place of the window, px. */
  onMenu: (at: { readonly x: number; readonly y: number }) => void;
};

/** A value of a listing or among facts that has a menu. Its text can be selected as any other, and is then the browser's. */
export function MenuValue({ children, onMenu }: MenuValueProps) {
  const before = useSelectionBefore();
  const byPointer = (event: MouseEvent<HTMLElement>) => {
    const { currentTarget, type } = event;
    if (type === "click" ? hasSelection(currentTarget) : before.selected(currentTarget)) return;
    event.preventDefault();
    currentTarget.focus(); // where the focus comes back to
    onMenu({ x: event.clientX, y: event.clientY });
  };
  const byKey = (event: KeyboardEvent<HTMLElement>) => {
    const asked = event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey);
    if (!asked && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    const { left, bottom } = event.currentTarget.getBoundingClientRect();
    onMenu({ x: left, y: bottom });
  };
  return (
    <span
      role="button"
      tabIndex={0}
      aria-haspopup="menu"
      onPointerDown={(event) => before.pressed(event.currentTarget)}
      onClick={byPointer}
      onContextMenu={byPointer}
      onKeyDown={byKey}
      className="-mx-1 -my-0.5 inline-block max-w-[calc(100%+0.5rem)] cursor-default truncate rounded px-1 py-0.5 align-bottom select-text hover:bg-hover focus-visible:-outline-offset-2"
    >
      {children}
    </span>
  );
}
