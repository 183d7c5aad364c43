import type { ReactNode } from "react";

export type SelectProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** `<option>` and `<optgroup>` elements. */
  children: ReactNode;
};

/** One of many choices, in a bar: the browser's own list, 28 px. */
export function Select({ label, value, onChange, children }: SelectProps) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className="h-7 rounded border border-edge bg-ground px-1.5 text-xs"
    >
      {children}
    </select>
  );
}
