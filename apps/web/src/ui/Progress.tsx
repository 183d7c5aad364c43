import { Progress as Base } from "@base-ui/react/progress";

export type ProgressProps = { label: string; value: number; /** Null: nobody knows how much there is. */ max: number | null; text: string };

/** How far something has come, as a bar and in words. */
export function Progress({ label, value, max, text }: ProgressProps) {
  const known = max !== null && max > 0;
  return (
    <Base.Root
      aria-label={label}
      value={known ? Math.min(value, max) : null}
      max={known ? max : 1}
      getAriaValueText={() => text}
      className="inline-flex items-center gap-2 text-xs"
    >
      <Base.Track
        className={known ? "h-1.5 w-32 overflow-hidden rounded border border-edge" : "hatched h-1.5 w-32 rounded border border-edge"}
      >
        <Base.Indicator className={known ? "h-full bg-accent" : "hidden"} />
      </Base.Track>
      <span className="whitespace-nowrap text-muted tabular-nums">{text}</span>
    </Base.Root>
  );
}
