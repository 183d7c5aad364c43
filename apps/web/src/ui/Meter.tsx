import { Meter as Base } from "@base-ui/react/meter";

/** How much of a limit is used: a bar, and the same in words. */
export function Meter({ label, value, max, text }: { label: string; value: number; max: number; text: string }) {
  return (
    <Base.Root value={value} max={max} aria-label={label} getAriaValueText={() => text} className="flex flex-col gap-1 text-sm">
      <div className="flex items-baseline justify-between gap-4">
        <span className="text-muted">{label}</span>
        <span className="tabular-nums">{text}</span>
      </div>
      <Base.Track className="h-1.5 overflow-hidden rounded bg-hover">
        <Base.Indicator className="h-full bg-accent" />
      </Base.Track>
    </Base.Root>
  );
}
