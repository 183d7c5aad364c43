"use client";
import { useEffect, useRef } from "react";
import { isOnControl, isTyping } from "../app/keyboard.ts";

export type PacketKeys = {
  readonly find: () => void;
  readonly goTo: () => void;
  readonly mark: () => void;
  readonly jump: (backwards: boolean) => void;
  readonly close: () => void;
  /** Null where nothing is live. */
  readonly pause: (() => void) | null;
};

/** The keys of the Packets screen that the list itself does not take; features/app/ShortcutSheet.tsx lists them. */
export function usePacketKeys(keys: PacketKeys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const act = actOf(event, latest.current);
      if (act === null) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

function actOf(event: KeyboardEvent, keys: PacketKeys): (() => void) | null {
  if (event.defaultPrevented || document.querySelector('[role="dialog"],[role="menu"]') !== null) return null;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    if (event.key === "f") return keys.find;
    return event.key === "g" ? keys.goTo : null;
  }
  if (isTyping(event)) return null;
  switch (event.key) {
    case "m":
      return keys.mark;
    case "[":
      return () => keys.jump(true);
    case "]":
      return () => keys.jump(false);
    case "Escape":
      return keys.close;
    case " ":
      return isOnControl(event) ? null : keys.pause;
    default:
      return null;
  }
}
