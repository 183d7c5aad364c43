"use client";
import { useId } from "react";

export type TextAreaProps = { label: string; value: string; onChange: (value: string) => void; rows: number; maxLength: number };

/** A labelled text of several lines. */
export function TextArea({ label, value, onChange, rows, maxLength }: TextAreaProps) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <textarea
        id={id}
        rows={rows}
        maxLength={maxLength}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="rounded border border-edge bg-ground px-2 py-1 text-base"
      />
    </div>
  );
}
