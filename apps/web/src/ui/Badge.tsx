import clsx from "clsx";
import type { ReactNode } from "react";
import type { Tone } from "./StatusDot.tsx";

const tones: Record<Tone, string> = {
  ok: "border-ok text-ok",
  monitored: "border-monitored text-monitored",
  dropped: "border-dropped text-dropped",
  muted: "border-line text-muted",
  accent: "border-accent text-accent",
};

/** A short word in a frame: what kind of thing this is. */
export function Badge({ tone = "muted", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={clsx("inline-flex h-5 items-center rounded border px-1.5 text-xs whitespace-nowrap", tones[tone])}>{children}</span>
  );
}
