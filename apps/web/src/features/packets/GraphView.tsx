"use client";
import { useMemo, useState } from "react";
import { rangeIn, within } from "../../domain/packets/expressions.ts";
import type { Graph } from "../../domain/packets/types.ts";
import { visible } from "../../domain/text.ts";
import { si } from "../../domain/units.ts";
import type { TableState } from "../../live/packets/messages.ts";
import type { PagePackets } from "../../live/packets/pagePackets.ts";
import { BarField } from "../../ui/BarField.tsx";
import { Button } from "../../ui/Button.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { StreamChart } from "../../ui/StreamChart.tsx";
import type { ChartSeries } from "../../ui/chartOptions.ts";
import { useUrlState } from "../app/useUrlState.ts";
import { toggled } from "../host/toggled.ts";
import { useAsked } from "./useAsked.ts";

/** As many points as a line of so many packets is still a line with. */
const MAX_BUCKETS = 400;
const bucketsFor = (packets: number): number => Math.round(Math.min(MAX_BUCKETS, Math.max(40, packets / 5)));
const MAX_LINES = 3;
const measures = [
  { value: "packets", label: "Packets" },
  { value: "bytes", label: "Bits" },
] as const;
type Measure = (typeof measures)[number]["value"];
const looks: readonly Pick<ChartSeries, "color" | "dash">[] = [
  { color: "accent" },
  { color: "retransmitted", dash: [9, 4] },
  { color: "tcp", dash: [2, 3] },
  { color: "icmp", dash: [9, 3, 2, 3] },
];

/** Rates of the view over time, and of up to three more filters. Drawing a stretch with the pointer holds the list to it. */
export function GraphView(props: { session: PagePackets; table: TableState; filter: string; onFilter: (filter: string) => void }) {
  const { session, table, filter, onFilter } = props;
  const [measure, setMeasure] = useState<Measure>("packets");
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [kept, keep] = useUrlState("lines");
  const [typed, setTyped] = useState("");
  const lines = useMemo(() => kept.split("\n").filter(Boolean).slice(0, MAX_LINES), [kept]);
  const range = rangeIn(table.filter);
  const at = (seconds: number): bigint => (table.startNs ?? 0n) + BigInt(Math.round(seconds * 1e9));
  const key = `${table.filter} ${table.shown} ${table.packets} ${table.unfiltered} ${kept}`;
  const asked = useAsked(key, () =>
    session.client.graph({
      buckets: bucketsFor(table.packets),
      filters: lines,
      fromNs: range === null ? null : at(range[0]),
      toNs: range === null ? null : at(range[1]),
    }),
  );
  const graph = asked.value;
  const times = useMemo(() => (graph === null ? [] : timesOf(graph, table.startNs ?? 0n)), [graph, table.startNs]);
  const series = useMemo(() => (graph === null ? [] : seriesOf(graph, measure, hidden)), [graph, measure, hidden]);
  const seconds = Math.max(1e-6, (times.at(-1) ?? 1) - (times[0] ?? 0));
  const digits = seconds < 0.1 ? 4 : seconds < 10 ? 2 : seconds < 120 ? 1 : 0;
  const fault = graph?.series.find((one) => one.error !== null);
  const visibleIds = new Set(series.filter((one) => one.shown).map((one) => one.id));
  return (
    <section aria-label="Graph" className="shrink-0 border-b border-line px-4 pt-2 pb-1">
      <div className="flex flex-wrap items-center gap-3 pb-1 text-xs">
        <Segmented label="Measure of the graph" options={measures} value={measure} onChange={setMeasure} />
        <p className="text-muted">{range === null ? "Draw a stretch to hold the list to it" : "The list is held to this stretch"}</p>
        {range === null ? null : (
          <Button className="h-6 text-xs" onClick={() => onFilter(within(filter, null))}>
            Whole time
          </Button>
        )}
        <form
          className="ml-auto flex items-center gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            const next = typed.trim();
            if (next === "" || lines.includes(next)) return;
            keep([...lines, next].join("\n"));
            setTyped("");
          }}
        >
          <BarField
            label="Display filter of one more line"
            placeholder="one more line: tcp.analysis.retransmission"
            value={typed}
            maxLength={1000}
            disabled={lines.length >= MAX_LINES}
            onChange={(event) => setTyped(event.target.value)}
            className="w-72"
          />
          <Button type="submit" className="text-xs" disabled={lines.length >= MAX_LINES}>
            Add line
          </Button>
          <Button look="quiet" className="text-xs" disabled={lines.length === 0} onClick={() => keep("")}>
            Remove lines
          </Button>
        </form>
      </div>
      {fault === undefined ? null : (
        <p role="alert" className="text-xs text-dropped">
          {visible(fault.filter)}: {fault.error?.message}
        </p>
      )}
      {times.length === 0 ? (
        <p role="status" className="h-[132px] text-muted">
          {asked.failed ?? (asked.pending ? "Counting" : "No packets to draw.")}
        </p>
      ) : (
        <StreamChart
          label="Packets over time"
          times={times}
          series={series}
          seconds={seconds}
          unit={measure === "packets" ? "packets/s" : "bit/s"}
          format={si}
          timeText={(x) => `${x.toFixed(digits)} s`}
          syncKey="packets"
          height={132}
          onToggle={(id, alone) => {
            const next = toggled(visibleIds, id, alone);
            setHidden(new Set(series.map((one) => one.id).filter((one) => !next.has(one))));
          }}
          onZoom={(from, to) => onFilter(within(filter, [Math.max(0, from), Math.max(0, to)]))}
        />
      )}
    </section>
  );
}

/** Starts of the buckets, seconds from the table's first packet. */
function timesOf({ startNs, bucketNs, series }: Graph, zeroNs: bigint): number[] {
  const from = Number(startNs - zeroNs) / 1e9;
  return Array.from({ length: series[0]?.packets.length ?? 0 }, (_, i) => from + (i * bucketNs) / 1e9);
}

function seriesOf({ bucketNs, series }: Graph, measure: Measure, hidden: ReadonlySet<string>): ChartSeries[] {
  const scale = (measure === "bytes" ? 8e9 : 1e9) / Math.max(1, bucketNs);
  return series.map((one, i) => {
    const id = i === 0 ? "view" : one.filter;
    const label = i === 0 ? "the view" : visible(one.filter);
    const values = Array.from(one[measure], (value) => value * scale);
    return { id, label, values, shown: !hidden.has(id), ...(looks[i] ?? { color: "other" }) };
  });
}
