"use client";
import { useState } from "react";
import type { FlowAsk } from "../../api/flows.ts";
import { fromLocalText, localText } from "../../domain/timeRange.ts";
import { Button } from "../../ui/Button.tsx";
import { TimeField } from "../../ui/TimeField.tsx";

/** Two times in the reader's zone. */
export function CustomRange({ ask, onRange }: { ask: FlowAsk; onRange: (range: string) => void }) {
  const [from, setFrom] = useState(localText(ask.from));
  const [to, setTo] = useState(localText(ask.to));
  const [start, end] = [fromLocalText(from), fromLocalText(to)];
  const ready = start !== null && end !== null && start < end;
  return (
    <form
      aria-label="Custom range"
      className="flex items-center gap-2 text-xs"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onRange(`${start}/${end}`);
      }}
    >
      <TimeField label="From" value={from} onChange={setFrom} />
      <TimeField label="To" value={to} onChange={setTo} />
      <Button type="submit" disabled={!ready}>
        Show
      </Button>
    </form>
  );
}
