import clsx from "clsx";
import type { ComponentProps, ReactNode } from "react";

type Look = "primary" | "plain" | "quiet";
export type ButtonProps = ComponentProps<"button"> & {
  look?: Look;
  /** 28 px in bars and tables, 32 px in forms. */
  size?: "bar" | "form";
  icon?: ReactNode;
  busy?: boolean;
};

const looks: Record<Look, string> = {
  primary: "border-accent bg-accent text-on-accent hover:not-disabled:opacity-90",
  plain: "border-edge bg-ground hover:not-disabled:bg-hover",
  quiet: "border-transparent text-muted hover:not-disabled:bg-hover hover:not-disabled:text-ink",
};

/** Classes of a button; for links that look like one. */
export function buttonClass(look: Look = "plain", size: "bar" | "form" = "bar"): string {
  return clsx(
    "inline-flex items-center justify-center gap-1.5 rounded border font-medium whitespace-nowrap select-none disabled:cursor-default disabled:opacity-60",
    size === "bar" ? "h-7 px-2.5 text-sm" : "h-8 px-3 text-base",
    looks[look],
  );
}

/** A button with a word on it. `busy` keeps its width, blocks it, and is told to assistive technology. */
export function Button({ look = "plain", size = "bar", icon, busy = false, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
      className={clsx(buttonClass(look, size), className)}
    >
      {icon}
      {children}
    </button>
  );
}
