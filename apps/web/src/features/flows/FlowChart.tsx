"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { flowHistogramQuery } from "../../api/flows.ts";
import type { FlowHistogram, GroupAsk, Measure } from "../../api/flows.ts";
import { groupingLabel } from "../../domain/flows.ts";
import { visible } from "../../domain/text.ts";
import { clockText } from "../../domain/time.ts";
import { si, span } from "../../domain/units.ts";
import { StreamChart } from "../../ui/StreamChart.tsx";
import type { ChartSeries } from "../../ui/chartOptions.ts";
import { useServices } from "../app/services.tsx";
import { toggled } from "../host/toggled.ts";
import { Refused } from "./Refused.tsx";

const PROTOCOL = "ip.proto";
const looks: readonly Pick<ChartSeries, "color" | "dash">[] = [
  { color: "accent" },
  { color: "tcp", dash: [9, 4] },
  { color: "icmp", dash: [2, 3] },
  { color: "arp", dash: [9, 3, 2, 3] },
  { color: "ip", dash: [5, 3] },
  { color: "other", dash: [1, 4] },
];
/** Protocols keep the hues they have elsewhere. */
const protocolColors: Readonly<Record<string, string>> = { tcp: "tcp", udp: "udp", icmp: "icmp", icmpv6: "icmp" };
const units: Record<Measure, string> = { bytes: "bit/s", packets: "packets/s", flows: "flows/s" };

/** Rates over the range, for the largest groups and all others together. */
export function FlowChart({ ask, onRange }: { ask: GroupAsk; onRange?: (range: string) => void }) {
  const { api } = useServices();
  const histogram = useQuery(flowHistogramQuery(api, ask));
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const { data } = histogram;
  const times = useMemo(() => (data === undefined ? [] : timesOf(data)), [data]);
  const series = useMemo(() => (data === undefined ? [] : seriesOf(data, ask.measure, hidden)), [data, ask.measure, hidden]);
  if (histogram.error !== null)
    return <Refused error={histogram.error} what="The rates over time" onRetry={() => void histogram.refetch()} />;
  const seconds = Math.max(1, (times.at(-1) ?? 1) - (times[0] ?? 0));
  const shown = new Set(series.filter((one) => one.shown).map((one) => one.id));
  return (
    <section aria-label="Rates" className="min-h-[176px] shrink-0 border-b border-line px-4 pt-2 pb-1">
      {data === undefined ? (
        <p role="status" className="text-muted">
          Summing up
        </p>
      ) : (
        <>
          <p className="pb-1 text-xs text-muted">
            By {groupingLabel(ask.by).toLowerCase()}, {span(data.step * 1000)} a point, times local
            {onRange === undefined ? "" : "; drag to zoom"}
          </p>
          <StreamChart
            label={`Flows by ${groupingLabel(ask.by).toLowerCase()}`}
            times={times}
            series={series}
            seconds={seconds}
            unit={units[ask.measure]}
            format={si}
            timeText={(x) => timeText(x, seconds)}
            syncKey="flows"
            height={136}
            {...(onRange === undefined ? {} : { onZoom: (from: number, to: number) => onRange(`${isoOf(from)}/${isoOf(to)}`) })}
            onToggle={(id, alone) => {
              const next = toggled(shown, id, alone);
              setHidden(new Set(series.map((one) => one.id).filter((one) => !next.has(one))));
            }}
          />
        </>
      )}
    </section>
  );
}

/** Whole seconds since 1970 as RFC 3339. */
const isoOf = (seconds: number): string => new Date(Math.round(seconds) * 1000).toISOString();

/** Starts of the buckets, seconds since 1970. */
function timesOf(data: FlowHistogram): number[] {
  const from = Date.parse(data.from) / 1000;
  const count = Math.round((Date.parse(data.to) / 1000 - from) / data.step);
  return Array.from({ length: count }, (_, i) => from + i * data.step);
}

function seriesOf(data: FlowHistogram, measure: Measure, hidden: ReadonlySet<string>): ChartSeries[] {
  const scale = (measure === "bytes" ? 8 : 1) / data.step;
  return data.series.map((one, i) => {
    const label = one.key === null ? "all others" : one.key.map((part) => (part === null ? "none" : visible(part))).join(" – ");
    const id = one.key === null ? "others" : JSON.stringify(one.key);
    const values = one[measure].map((value) => (value === null ? null : Number(value) * scale));
    const look = looks[i % looks.length] ?? { color: "other" };
    const color = one.key === null ? "other" : data.by[0] === PROTOCOL ? (protocolColors[one.key[0] ?? ""] ?? "ip") : look.color;
    return { id, label, values, shown: !hidden.has(id), ...look, color };
  });
}

function timeText(x: number, seconds: number): string {
  const text = clockText(BigInt(Math.round(x)) * 1_000_000_000n, "local");
  return text.slice(0, seconds <= 900 ? 8 : 5);
}
