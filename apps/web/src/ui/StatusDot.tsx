import clsx from "clsx";

export type Tone = "ok" | "monitored" | "dropped" | "muted" | "accent";
export type Shape = "filled" | "half" | "ring" | "crossed";

const tones: Record<Tone, string> = {
  ok: "text-ok",
  monitored: "text-monitored",
  dropped: "text-dropped",
  muted: "text-muted",
  accent: "text-accent",
};

/** A state as a dot and words; the shape differs too, so that hue is never alone. */
export function StatusDot({ tone, shape, label, className }: { tone: Tone; shape: Shape; label: string; className?: string }) {
  return (
    <span className={clsx("inline-flex items-center gap-1.5 whitespace-nowrap", className)}>
      <svg viewBox="0 0 10 10" className={clsx("size-2.5 shrink-0", tones[tone])} aria-hidden>
        <circle cx="5" cy="5" r="3.9" fill={shape === "filled" ? "currentColor" : "none"} stroke="currentColor" strokeWidth="1.6" />
        {shape === "half" ? <path d="M5 1.1a3.9 3.9 0 0 1 0 7.8z" fill="currentColor" /> : null}
        {shape === "crossed" ? <path d="M2.3 7.7 7.7 2.3" stroke="currentColor" strokeWidth="1.6" /> : null}
      </svg>
      {label}
    </span>
  );
}
