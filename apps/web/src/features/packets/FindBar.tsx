"use client";
import { ChevronDown, ChevronUp, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Find } from "../../domain/packets/types.ts";
import type { PagePackets } from "../../live/packets/pagePackets.ts";
import { BarField } from "../../ui/BarField.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Select } from "../../ui/Select.tsx";

const kinds = [
  { value: "text", label: "Text" },
  { value: "hex", label: "Bytes (hex)" },
  { value: "regex", label: "Regular expression" },
  { value: "filter", label: "Display filter" },
] as const;
type Kind = (typeof kinds)[number]["value"];
const examples: Record<Kind, string> = {
  text: "password",
  hex: "16 03 01",
  regex: "HTTP/1\\.[01] 5\\d\\d",
  filter: "tcp.flags.syn == 1",
};

function findOf(by: Kind, value: string): Find {
  return by === "text" ? { by, value, matchCase: false } : { by, value };
}

/** Looks through the packets of the view, forwards and backwards from the chosen one, around the end once. */
export function FindBar(props: { session: PagePackets; from: number; onFound: (number: number) => void; onClose: () => void }) {
  const { session, from, onFound, onClose } = props;
  const input = useRef<HTMLInputElement>(null);
  const [by, setBy] = useState<Kind>("text");
  const [value, setValue] = useState("");
  const [said, setSaid] = useState<{ text: string; fault: boolean } | null>(null);
  const asked = useRef(0);
  useEffect(() => input.current?.focus(), []);

  const find = async (backwards: boolean) => {
    if (value === "") return;
    const mine = ++asked.current;
    setSaid({ text: "Looking", fault: false });
    const found = await session.client.find(findOf(by, value), from, backwards).catch((error: unknown) => ({
      ok: false as const,
      error: { message: error instanceof Error ? error.message : "could not be asked" },
    }));
    if (mine !== asked.current) return;
    if (!found.ok) return setSaid({ text: found.error.message, fault: true });
    if (found.number === null) return setSaid({ text: "No packet of the view has it", fault: false });
    setSaid({ text: `Packet ${found.number}`, fault: false });
    onFound(found.number);
  };
  return (
    <div role="search" aria-label="Find packets" className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-4 py-1.5">
      <Select label="Find by" value={by} onChange={(next) => setBy(kinds.find((one) => one.value === next)?.value ?? "text")}>
        {kinds.map((one) => (
          <option key={one.value} value={one.value}>
            {one.label}
          </option>
        ))}
      </Select>
      <BarField
        ref={input}
        label="Find"
        placeholder={examples[by]}
        value={value}
        maxLength={1000}
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onClose();
          else if (event.key === "Enter") void find(event.shiftKey);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <IconButton label="Previous (Shift+Enter)" onClick={() => void find(true)}>
        <ChevronUp size={16} aria-hidden />
      </IconButton>
      <IconButton label="Next (Enter)" onClick={() => void find(false)}>
        <ChevronDown size={16} aria-hidden />
      </IconButton>
      <p role="status" className={said?.fault === true ? "text-xs text-dropped" : "text-xs text-muted"}>
        {said?.text ?? ""}
      </p>
      <span className="ml-auto">
        <IconButton label="Close find" onClick={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </span>
    </div>
  );
}
