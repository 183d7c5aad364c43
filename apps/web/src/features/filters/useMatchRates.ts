import { useState } from "react";
import type { Filter } from "../../api/filters.ts";

type Reading = { readonly at: number; readonly matched: ReadonlyMap<string, bigint> };

const read = (filters: readonly Filter[], at: number): Reading => ({
  at,
  matched: new Map(filters.map((filter) => [filter.id, BigInt(filter.counted.matched)])),
});

/** Packets a second that each filter took on all its hosts between the last two readings; null before there are two. */
export function useMatchRates(filters: readonly Filter[], at: number): (id: string) => number | null {
  const [readings, setReadings] = useState<{ now: Reading; before: Reading | null }>(() => ({ now: read(filters, at), before: null }));
  if (at !== readings.now.at) setReadings({ now: read(filters, at), before: readings.now });
  const { now, before } = readings;
  return (id) => {
    const [is, was] = [now.matched.get(id), before?.matched.get(id)];
    if (is === undefined || was === undefined || before === null || now.at <= before.at) return null;
    return is < was ? null : Number(is - was) / ((now.at - before.at) / 1000);
  };
}
