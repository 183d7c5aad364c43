"use client";
import clsx from "clsx";
import { useId } from "react";

export type CellFieldProps = {
  label: string;
  value: string;
  placeholder?: string;
  fault: string | null;
  onChange: (value: string) => void;
};

/** A number in a cell of a table. */
export function CellField({ label, value, placeholder, fault, onChange }: CellFieldProps) {
  const id = useId();
  return (
    <>
      <input
        aria-label={label}
        aria-invalid={fault === null ? undefined : true}
        aria-describedby={fault === null ? undefined : id}
        inputMode="decimal"
        value={value}
        placeholder={placeholder}
        maxLength={10}
        onChange={(event) => onChange(event.target.value)}
        className={clsx(
          "h-6 w-20 rounded border bg-ground px-1.5 text-right text-sm tabular-nums placeholder:text-muted",
          fault === null ? "border-edge" : "border-dropped",
        )}
      />
      {fault === null ? null : (
        <span id={id} className="block text-xs text-dropped">
          {fault}
        </span>
      )}
    </>
  );
}
