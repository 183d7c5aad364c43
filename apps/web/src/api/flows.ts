import { API_BASE, fleetLedgerSchema, flowCompareSchema, flowHistogramSchema, flowListSchema, flowTopSchema } from "@sonde/protocol/rest";
import type { Measure } from "@sonde/protocol/rest";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { ApiClient } from "./client.ts";
import { keys } from "./keys.ts";

export type { FleetLedger, Flow, FlowCompare, FlowHistogram, FlowTop, Measure } from "@sonde/protocol/rest";

/** Which flows: the filter language, and times as RFC 3339 texts. */
export type FlowAsk = { readonly filter: string; readonly from: string; readonly to: string };
export type GroupAsk = FlowAsk & { readonly by: string; readonly measure: Measure };

const PAGE = 200;

function query(values: Readonly<Record<string, string | undefined>>): string {
  const present = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== "");
  return new URLSearchParams(present).toString();
}

/** Flow records, newest first, page by page. A past range does not change. */
export const flowsQuery = (api: ApiClient, ask: FlowAsk) =>
  infiniteQueryOptions({
    queryKey: keys.flows("list", ask),
    queryFn: ({ signal, pageParam }) =>
      api.call({ method: "GET", path: `/flows?${query({ ...ask, limit: String(PAGE), cursor: pageParam })}`, signal }, flowListSchema),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    staleTime: Infinity,
  });

/** The largest groups. */
export const flowTopQuery = (api: ApiClient, ask: GroupAsk) =>
  queryOptions({
    queryKey: keys.flows("top", ask),
    queryFn: ({ signal }) => api.call({ method: "GET", path: `/flows/top?${query({ ...ask, n: "200" })}`, signal }, flowTopSchema),
    staleTime: Infinity,
  });

/** The groups that are new, gone or changed against the same length of time just before; the largest differences. */
export const flowCompareQuery = (api: ApiClient, ask: GroupAsk) =>
  queryOptions({
    queryKey: keys.flows("compare", ask),
    queryFn: ({ signal }) => api.call({ method: "GET", path: `/flows/compare?${query({ ...ask, n: "500" })}`, signal }, flowCompareSchema),
    staleTime: Infinity,
  });

/** Sums over time for the five largest groups, and all others together. */
export const flowHistogramQuery = (api: ApiClient, ask: GroupAsk) =>
  queryOptions({
    queryKey: keys.flows("histogram", ask),
    queryFn: ({ signal }) =>
      api.call({ method: "GET", path: `/flows/histogram?${query({ ...ask, n: "5" })}`, signal }, flowHistogramSchema),
    staleTime: Infinity,
  });

export const fleetLedgerQuery = (api: ApiClient) =>
  queryOptions({
    queryKey: keys.ledger,
    queryFn: ({ signal }) => api.call({ method: "GET", path: "/ledger", signal }, fleetLedgerSchema),
    refetchInterval: 15_000,
  });

/** Address of a file of the same question: every flow record, or every group that is shown. */
export function exportHref(format: "csv" | "ndjson", ask: FlowAsk | GroupAsk): string {
  return `${API_BASE}/flows/${"by" in ask ? "top" : "export"}?${query({ ...ask, format, ...("by" in ask ? { n: "1000" } : {}) })}`;
}
