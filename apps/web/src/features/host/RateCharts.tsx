"use client";
import type { HostInterface } from "../../api/types.ts";
import { useId, useMemo, useState } from "react";
import { clockText } from "../../domain/time.ts";
import { si, span } from "../../domain/units.ts";
import { uplinksOf } from "../../domain/uplinks.ts";
import type { HostFeed } from "../../live/hostFeed.ts";
import { Segmented } from "../../ui/Segmented.tsx";
import { StreamChart } from "../../ui/StreamChart.tsx";
import { useStore } from "../app/useStore.ts";
import { interfaceSeries, protocolSeries } from "./rateSeries.ts";
import { toggled } from "./toggled.ts";
import { useBackfill } from "./useBackfill.ts";

const WINDOW_S = 300;
const units = [
  { value: "bits", label: "bit/s" },
  { value: "packets", label: "packets/s" },
] as const;

/** Rates per protocol and per interface. The interfaces that are shown are those the protocols are summed over. */
export function RateCharts({ hostId, live, interfaces }: { hostId: string; live: HostFeed; interfaces: readonly HostInterface[] }) {
  useBackfill(hostId, live, interfaces, WINDOW_S);
  const rates = useStore(live.rates);
  const clock = useStore(live.state).clock;
  const [unit, setUnit] = useState<"bits" | "packets">("bits");
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [picked, setPicked] = useState<ReadonlySet<string> | null>(null);
  const syncKey = useId();
  const shown = useMemo(() => (picked === null ? uplinksOf(interfaces) : new Set([...picked].map(Number))), [picked, interfaces]);

  const byInterface = useMemo(
    () => interfaceSeries({ rates: live.rates, unit, interfaces: [] }, interfaces, shown),
    // `rates` changes identity with every second that comes.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [live, rates, unit, interfaces, shown],
  );
  const byProtocol = useMemo(
    () => protocolSeries({ rates: live.rates, unit, interfaces: [...shown] }, hidden),
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [live, rates, unit, shown, hidden],
  );
  const newest = rates.times.at(-1) ?? 0;
  const timeText = (x: number) =>
    clock === null || rates.times.length === 0
      ? newest - x < 1
        ? "now"
        : `−${span((newest - x) * 1000)}`
      : clockText(BigInt(Math.round(x * 1e9)) + clock.bootToWallNs, "local").slice(0, 8);
  const common = { times: rates.times, seconds: WINDOW_S, unit: unit === "bits" ? "bit/s" : "packets/s", format: si, timeText, syncKey };
  const shownIds = new Set([...shown].map(String));
  const names = interfaces.filter((one) => shown.has(one.ifindex)).map((one) => one.name);
  return (
    <section aria-label="Rates" className="shrink-0 border-b border-line px-4 pt-2 pb-1">
      <div className="flex items-center gap-3 pb-1">
        <Segmented label="Unit" options={units} value={unit} onChange={setUnit} />
        <p className="text-xs text-muted">
          Last 5 min, in and out together. By protocol: the sum over{" "}
          {names.length === 0 ? "no interface" : <span className="mono">{names.join(", ")}</span>}.
        </p>
      </div>
      <div className="flex flex-wrap gap-x-8 gap-y-2 max-sm:flex-col sm:[&>figure]:min-w-[420px]">
        <StreamChart
          {...common}
          label="Rates by protocol"
          series={byProtocol}
          onToggle={(id, alone) => setHidden((was) => complement(byProtocol, toggled(complement(byProtocol, was), id, alone)))}
        />
        <StreamChart
          {...common}
          label="Rates by interface"
          series={byInterface}
          onToggle={(id, alone) => setPicked(toggled(shownIds, id, alone))}
        />
      </div>
    </section>
  );
}

function complement(series: readonly { id: string }[], ids: ReadonlySet<string>): Set<string> {
  return new Set(series.map((one) => one.id).filter((id) => !ids.has(id)));
}
