"use client";
import clsx from "clsx";
import type { ComponentProps } from "react";

/** A line for an expression in a bar, 28 px; `label` is its name. */
export function BarField({ label, className, ...rest }: Omit<ComponentProps<"input">, "type"> & { label: string }) {
  return (
    <input
      spellCheck={false}
      autoComplete="off"
      {...rest}
      type="text"
      aria-label={label}
      className={clsx(
        "mono h-7 w-80 max-w-full rounded border border-edge bg-ground px-2 text-xs placeholder:text-muted disabled:opacity-60",
        className,
      )}
    />
  );
}
