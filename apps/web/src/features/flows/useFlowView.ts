"use client";
import { useMemo, useState } from "react";
import type { FlowAsk, Measure } from "../../api/flows.ts";
import { parseQuery } from "../../domain/query/index.ts";
import type { QueryError } from "../../domain/query/index.ts";
import { rangeOf } from "../../domain/timeRange.ts";
import { useUrlState } from "../app/useUrlState.ts";

const measures: readonly Measure[] = ["bytes", "packets", "flows"];

/** What the page shows, as its address has it. */
export type FlowView = {
  /** As it is typed. */
  readonly filter: string;
  readonly setFilter: (filter: string) => void;
  readonly fault: QueryError | null;
  /** The last filter that could be read, and the times it is asked for. */
  readonly ask: FlowAsk;
  readonly range: string;
  readonly setRange: (range: string) => void;
  /** Fields to group by, or "". */
  readonly by: string;
  readonly setBy: (by: string) => void;
  readonly measure: Measure;
  readonly setMeasure: (measure: Measure) => void;
  /** Groups are held against those of the same length of time just before. */
  readonly comparing: boolean;
  readonly setComparing: (comparing: boolean) => void;
  /** Asks again, up to this moment. */
  readonly refresh: () => void;
};

export function useFlowView(): FlowView {
  const [filter, setFilter] = useUrlState("filter");
  const [range, setRange] = useUrlState("range");
  const [by, setBy] = useUrlState("by");
  const [measureText, setMeasure] = useUrlState("measure");
  const [compare, setCompare] = useUrlState("compare");
  const [now, setNow] = useState(() => Date.now());
  const parsed = useMemo(() => parseQuery(filter), [filter]);
  const [sound, setSound] = useState(parsed.ok ? filter : "");
  if (parsed.ok && sound !== filter) setSound(filter);
  const ask = useMemo(() => ({ filter: sound.trim(), ...rangeOf(range, now) }), [sound, range, now]);
  const refresh = () => setNow(Date.now());
  return {
    filter,
    setFilter,
    fault: parsed.ok ? null : parsed.error,
    ask,
    range,
    setRange: (next) => {
      setRange(next);
      refresh();
    },
    by,
    setBy,
    measure: measures.find((one) => one === measureText) ?? "bytes",
    setMeasure: (next) => setMeasure(next === "bytes" ? "" : next),
    comparing: compare === "before",
    setComparing: (next) => setCompare(next ? "before" : ""),
    refresh,
  };
}
