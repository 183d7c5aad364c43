export type ProgressProps = { label: string; value: number; /** Null: nobody knows how much there is. */ max: number | null; text: string };

/** How far something has come, as a bar and in words. */
export function Progress({ label, value, max, text }: ProgressProps) {
  const known = max !== null && max > 0;
  return (
    <span className="inline-flex items-center gap-2 text-xs">
      <progress aria-label={label} value={known ? value : undefined} max={known ? max : undefined} className="h-1.5 w-32 accent-accent" />
      <span className="text-muted tabular-nums">{text}</span>
    </span>
  );
}
