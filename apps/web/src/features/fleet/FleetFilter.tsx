"use client";
import { useRef } from "react";
import { SearchField } from "../../ui/SearchField.tsx";
import { useFocusKey } from "../app/useFocusKey.ts";

/** Narrows the list of hosts by the words of docs/filters.md, "On the Fleet screen"; `/` goes there. */
export function FleetFilter({ text, onText }: { text: string; onText: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useFocusKey(input);
  return (
    <SearchField label="Filter the hosts" placeholder="web env=prod !status:live  ( / )" value={text} onChange={onText} inputRef={input} />
  );
}
