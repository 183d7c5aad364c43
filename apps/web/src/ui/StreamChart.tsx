"use client";
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import { ChartLegend } from "./ChartLegend.tsx";
import { chartOptions } from "./chartOptions.ts";
import type { ChartSeries } from "./chartOptions.ts";

export type StreamChartProps = {
  /** Names the chart; said to assistive technology together with the last values. */
  label: string;
  times: readonly number[];
  series: readonly ChartSeries[];
  /** Width of the window in seconds. */
  seconds: number;
  unit: string;
  format: (value: number | null) => string;
  timeText: (x: number) => string;
  /** Charts with the same key share the crosshair. */
  syncKey: string;
  height?: number;
  /** `alone` shows only that line. */
  onToggle: (id: string, alone: boolean) => void;
  /** A stretch of time was dragged over. */
  onZoom?: (from: number, to: number) => void;
};

/** Rates over time on a canvas, beside a legend that is the filter and carries the last values. Dragging zooms where that is of use. */
export function StreamChart(props: StreamChartProps) {
  const { label, times, series, seconds, unit, format, timeText, syncKey, height = 168, onToggle, onZoom } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const scheme = useScheme();
  const latest = useRef({ format, timeText, series, times, onZoom });
  useEffect(() => {
    latest.current = { format, timeText, series, times, onZoom };
  });
  // The plot is made anew when its lines change; new seconds are only set into it.
  const zooms = onZoom !== undefined;
  const shape = series.map((s) => `${s.id}\t${s.label}\t${s.color}`).join("\n");

  useEffect(() => {
    const target = box.current;
    if (target === null) return;
    const options = chartOptions({
      series: latest.current.series,
      seconds,
      format: (value) => latest.current.format(value),
      timeText: (x) => latest.current.timeText(x),
      syncKey,
      width: Math.max(120, target.clientWidth),
      height,
      onCursor: setCursor,
      onZoom: zooms ? (from, to) => latest.current.onZoom?.(from, to) : null,
    });
    const made = new uPlot(options, dataOf(latest.current), target);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: Math.max(120, target.clientWidth), height }));
    resized.observe(target);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, seconds, syncKey, height, scheme, zooms]);

  useEffect(() => {
    plot.current?.setData(dataOf({ times, series }));
  }, [times, series]);

  const hidden = series.map((s) => (s.shown ? "1" : "0")).join("");
  useEffect(() => {
    for (const [i, bit] of [...hidden].entries()) plot.current?.setSeries(i + 1, { show: bit === "1" });
  }, [hidden, shape, scheme]);

  const at = cursor ?? times.length - 1;
  return (
    <figure className="flex min-w-0 flex-1 gap-3 max-sm:flex-col max-sm:gap-0" aria-label={label}>
      <div ref={box} className="min-w-0 flex-1 max-sm:flex-none" style={{ height }} aria-hidden />
      <ChartLegend
        label={label}
        caption={cursor === null || times[at] === undefined ? unit : `${unit} at ${timeText(times[at])}`}
        rows={series.map((s) => ({ ...s, value: format(s.values[at] ?? null) }))}
        onToggle={onToggle}
        height={height}
      />
    </figure>
  );
}

function dataOf(data: { times: readonly number[]; series: readonly ChartSeries[] }): uPlot.AlignedData {
  return [[...data.times], ...data.series.map((s) => [...s.values])];
}

/** Changes with the reader's colour scheme, so that canvases are drawn again. */
function useScheme(): boolean {
  const [dark, setDark] = useState(false);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const tell = () => setDark(query.matches);
    tell();
    query.addEventListener("change", tell);
    return () => query.removeEventListener("change", tell);
  }, []);
  return dark;
}
