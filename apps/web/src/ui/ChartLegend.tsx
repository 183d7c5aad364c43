import clsx from "clsx";
import type { ChartSeries } from "./chartOptions.ts";
import { Value } from "./Value.tsx";

export type LegendRow = ChartSeries & { readonly value: string };

/** The lines of a chart with their last values. A click shows or hides one; with Alt, shows it alone. */
export function ChartLegend(props: {
  label: string;
  caption: string;
  rows: readonly LegendRow[];
  height: number;
  onToggle: (id: string, alone: boolean) => void;
}) {
  const { label, caption, rows, height, onToggle } = props;
  return (
    <div className="flex w-44 shrink-0 flex-col overflow-y-auto max-sm:w-full" style={{ maxHeight: height }}>
      <p className="px-1.5 pb-0.5 text-right text-xs text-muted">{caption}</p>
      <ul aria-label={`Lines of ${label}`} className="flex flex-col">
        {rows.map((row) => (
          <li key={row.id}>
            <button
              type="button"
              aria-pressed={row.shown}
              title="Click to show or hide, Alt-click to show only this"
              onClick={(event) => onToggle(row.id, event.altKey)}
              className={clsx("flex h-6 w-full items-center gap-2 rounded px-1.5 text-xs hover:bg-hover", !row.shown && "text-muted")}
            >
              <svg width="16" height="6" aria-hidden className="shrink-0">
                <line
                  x1="0"
                  y1="3"
                  x2="16"
                  y2="3"
                  stroke={`var(--${row.color})`}
                  strokeWidth="2"
                  strokeDasharray={row.dash?.join(" ")}
                  opacity={row.shown ? 1 : 0.4}
                />
              </svg>
              <span className={clsx("min-w-0 flex-1 truncate text-left", !row.shown && "line-through")}>{row.label}</span>
              <Value text={row.value} />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
