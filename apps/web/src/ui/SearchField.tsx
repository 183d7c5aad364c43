"use client";
import type { RefObject } from "react";

export type SearchFieldProps = {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
  inputRef?: RefObject<HTMLInputElement | null>;
};

/** A line in a bar that narrows what is shown; Escape clears it and leaves it. */
export function SearchField({ label, placeholder, value, onChange, inputRef }: SearchFieldProps) {
  return (
    <input
      ref={inputRef}
      type="search"
      aria-label={label}
      placeholder={placeholder}
      value={value}
      maxLength={200}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        onChange("");
        event.currentTarget.blur();
      }}
      className="mono h-7 w-60 rounded border border-edge bg-ground px-2 text-xs placeholder:font-sans placeholder:text-muted"
    />
  );
}
