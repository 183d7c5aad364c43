"use client";

/** A moment in the reader's zone, `YYYY-MM-DDTHH:MM:SS`, in a bar. */
export function TimeField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
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
