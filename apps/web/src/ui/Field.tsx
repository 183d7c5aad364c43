"use client";
import clsx from "clsx";
import { useId } from "react";
import type { ComponentProps } from "react";

export type FieldProps = ComponentProps<"input"> & { label: string; hint?: string | undefined; error?: string | undefined; mono?: boolean };

/** A labelled input; hint and error are tied to it for assistive technology. */
export function Field({ label, hint, error, mono = false, className, ...rest }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={clsx("flex flex-col gap-1", className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <input
        {...rest}
        id={id}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        className={clsx(
          "h-8 rounded border bg-ground px-2 text-base placeholder:text-muted",
          error === undefined ? "border-edge" : "border-dropped",
          mono && "mono",
        )}
      />
      {note === undefined ? null : (
        <p id={`${id}-note`} className={clsx("text-xs", error === undefined ? "text-muted" : "text-dropped")}>
          {note}
        </p>
      )}
    </div>
  );
}
