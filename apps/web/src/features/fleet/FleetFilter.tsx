"use client";
import { useRef } from "react";
import { useFocusKey } from "../app/useFocusKey.ts";

/** Narrows the list of hosts by parts of names and by labels; `/` goes there, Escape clears it. */
export function FleetFilter({ text, onText }: { text: string; onText: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useFocusKey(input);
  return (
    <input
      ref={input}
      type="search"
      aria-label="Filter the hosts"
      placeholder="Name or label, env=prod  ( / )"
      value={text}
      maxLength={200}
      onChange={(event) => onText(event.target.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        onText("");
        event.currentTarget.blur();
      }}
      className="mono h-7 w-64 rounded border border-edge bg-ground px-2 text-xs placeholder:font-sans placeholder:text-muted"
    />
  );
}
