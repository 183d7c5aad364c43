"use client";
import { useMemo, useState } from "react";
import { si } from "../../domain/units.ts";
import type { ChartSeries } from "../../ui/chartOptions.ts";
import { StreamChart } from "../../ui/StreamChart.tsx";
import { toggled } from "../host/toggled.ts";

const times = Array.from({ length: 300 }, (_, i) => i);
/** Seconds 120 to 150 are unknown, and second 200 stands alone. */
const known = (i: number): boolean => (i < 120 || i > 150) && i !== 199 && i !== 201;
const lines = [
  { id: "tcp", label: "TCP", color: "tcp", level: 9e8 },
  { id: "udp", label: "UDP", color: "udp", level: 4e8, dash: [9, 4] },
  { id: "icmp", label: "ICMP", color: "icmp", level: 2e7, dash: [2, 3] },
  { id: "ip", label: "Other IP", color: "ip", level: 2e8, dash: [9, 3, 2, 3] },
  { id: "arp", label: "ARP", color: "arp", level: 6e7, dash: [5, 3] },
  { id: "other", label: "Not IP", color: "other", level: 1e8, dash: [1, 4] },
] as const;

/** A chart with gaps, and one that has heard nothing yet. */
export function Charts() {
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set(lines.map((line) => line.id)));
  const series = useMemo(
    () =>
      lines.map((line, n): ChartSeries => {
        const values = times.map((i) => (known(i) ? line.level * (1 + 0.4 * Math.sin(i / (9 + n * 4) + n)) : null));
        return {
          id: line.id,
          label: line.label,
          color: line.color,
          values,
          shown: shown.has(line.id),
          ...("dash" in line ? { dash: line.dash } : {}),
        };
      }),
    [shown],
  );
  const common = {
    seconds: 300,
    unit: "bit/s",
    format: si,
    timeText: (x: number) => `${Math.floor(x / 60)}:${String(x % 60).padStart(2, "0")}`,
    syncKey: "parts",
  };
  const onToggle = (id: string, alone: boolean) => setShown((was) => toggled(was, id, alone));
  return (
    <div className="flex flex-wrap gap-8 [&>figure]:min-w-[420px]">
      <StreamChart {...common} label="Example rates" times={times} series={series} onToggle={onToggle} />
      <StreamChart
        {...common}
        label="Nothing heard yet"
        times={[]}
        series={series.map((one) => ({ ...one, values: [] }))}
        onToggle={onToggle}
      />
    </div>
  );
}
