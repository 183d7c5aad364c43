"use client";
import { useRef } from "react";
import { SearchField } from "../../ui/SearchField.tsx";
import { useFocusKey } from "../app/useFocusKey.ts";

/** Narrows the list of hosts by parts of names and by labels; `/` goes there. */
export function FleetFilter({ text, onText }: { text: string; onText: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useFocusKey(input);
  return (
    <SearchField label="Filter the hosts" placeholder="Name or label, env=prod  ( / )" value={text} onChange={onText} inputRef={input} />
  );
}
