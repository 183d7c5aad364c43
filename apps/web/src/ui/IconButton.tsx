import clsx from "clsx";
import type { ComponentProps, ReactNode } from "react";

/** A button that is only a sign; `label` is its name. */
export function IconButton({ label, children, className, ...rest }: ComponentProps<"button"> & { label: string; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={clsx(
        "inline-flex size-7 shrink-0 items-center justify-center rounded text-muted hover:not-disabled:bg-hover hover:not-disabled:text-ink disabled:opacity-60",
        className,
      )}
    >
      {children}
    </button>
  );
}
