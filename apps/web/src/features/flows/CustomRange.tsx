"use client";
import { useState } from "react";
import type { FlowAsk } from "../../api/flows.ts";
import { fromLocalText, localText } from "../../domain/timeRange.ts";
import { Button } from "../../ui/Button.tsx";

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
      <Time label="From" value={from} onChange={setFrom} />
      <Time label="To" value={to} onChange={setTo} />
      <Button type="submit" disabled={!ready}>
        Show
      </Button>
    </form>
  );
}

function Time({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <label className="flex items-center gap-1.5 text-muted">
      {label}
      <input
        type="datetime-local"
        step={1}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="h-7 rounded border border-edge bg-ground px-1.5 text-xs text-ink tabular-nums"
      />
    </label>
  );
}
