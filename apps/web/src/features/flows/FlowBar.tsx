"use client";
import { Download, RefreshCw } from "lucide-react";
import { exportHref } from "../../api/flows.ts";
import { groupingLabel, groupings } from "../../domain/flows.ts";
import type { CompletionData } from "../../domain/query/index.ts";
import { ranges } from "../../domain/timeRange.ts";
import { Button } from "../../ui/Button.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { Select } from "../../ui/Select.tsx";
import { FilterFault } from "../app/FilterFault.tsx";
import { CustomRange } from "./CustomRange.tsx";
import { FilterInput } from "./FilterInput.tsx";
import type { FlowView } from "./useFlowView.ts";

const measures = [
  { value: "bytes", label: "Bytes" },
  { value: "packets", label: "Packets" },
  { value: "flows", label: "Flows" },
] as const;
const compared = [
  { value: "largest", label: "Largest" },
  { value: "changes", label: "Changes" },
] as const;
const CUSTOM = "custom";
const rangeChoices = [
  ...ranges.map(({ value, label }) => ({ value: value as string, label: label as string })),
  { value: CUSTOM, label: "Custom" },
];

/** Filter, time range, grouping, and the same as a file. */
export function FlowBar({ view, known }: { view: FlowView; known: CompletionData }) {
  const named = ranges.find((one) => one.value === view.range);
  const range = view.range === "" ? "1h" : (named?.value ?? CUSTOM);
  const exported = view.by === "" ? view.ask : { ...view.ask, by: view.by, measure: view.measure };
  const offered = [...groupings.map((one) => one.value as string), ...Object.keys(known.labels ?? {}).map((key) => `host.label.${key}`)];
  return (
    <div className="flex shrink-0 flex-col gap-1 border-b border-line px-4 py-2">
      <FilterLine view={view} known={known} />
      <div className="flex flex-wrap items-center gap-3">
        <Segmented
          label="Time range"
          options={rangeChoices}
          value={range}
          onChange={(next) => view.setRange(next === CUSTOM ? `${view.ask.from}/${view.ask.to}` : next === "1h" ? "" : next)}
        />
        {range === CUSTOM ? (
          <CustomRange ask={view.ask} onRange={view.setRange} />
        ) : (
          <Button look="quiet" icon={<RefreshCw size={14} aria-hidden />} onClick={view.refresh} title="Up to this moment">
            Refresh
          </Button>
        )}
        <Select label="Group by" value={view.by} onChange={view.setBy}>
          <option value="">Every flow</option>
          <optgroup label="Largest by">
            {[...new Set([...offered, ...(view.by === "" ? [] : [view.by])])].map((value) => (
              <option key={value} value={value}>
                {groupingLabel(value)}
              </option>
            ))}
          </optgroup>
        </Select>
        <Segmented label="Measure" options={measures} value={view.measure} onChange={view.setMeasure} />
        {view.by === "" ? null : (
          <Segmented
            label="Groups"
            options={compared}
            value={view.comparing ? "changes" : "largest"}
            onChange={(next) => view.setComparing(next === "changes")}
          />
        )}
        <div className="ml-auto flex items-center gap-3 text-xs">
          <Download size={14} aria-hidden className="text-muted" />
          {(["csv", "ndjson"] as const).map((format) => (
            <a
              key={format}
              href={exportHref(format, exported)}
              download
              className="underline decoration-edge underline-offset-3 hover:text-accent"
            >
              {format === "csv" ? "CSV" : "NDJSON"}
            </a>
          ))}
        </div>
      </div>
    </div>
  );
}

const FAULT = "flow-filter-fault";

function FilterLine({ view, known }: { view: FlowView; known: CompletionData }) {
  const { filter, fault } = view;
  return (
    <>
      <FilterInput value={filter} onChange={view.setFilter} known={known} faultId={fault === null ? null : FAULT} />
      {fault === null ? null : <FilterFault id={FAULT} text={filter} fault={fault} />}
    </>
  );
}
