import { z } from "zod";
import * as rest from "./index.ts";
import type { Operation } from "./openapi-operation.ts";

const range = { from: "2026-11-20T12:00:00Z", to: "2026-11-20T13:00:00Z" };
const csv = z.string();

/** Questions about what was counted. */
export const queryOperations: readonly Operation[] = [
  {
    method: "get",
    path: "/flows",
    id: "listFlows",
    summary: "Flow records that match a filter, newest first",
    access: "read",
    query: rest.flowsQuerySchema,
    example: { query: { ...range, filter: "ip.addr == 10.0.0.0/8 && tcp.dstport == 443", limit: "10" } },
    answers: rest.flowListSchema,
  },
  {
    method: "get",
    path: "/flows/top",
    id: "topFlows",
    summary: "The largest groups of flows",
    access: "read",
    query: rest.flowTopExportQuerySchema,
    example: { query: { ...range, by: "peer", n: "20" } },
    answers: { "application/json": rest.flowTopSchema, "application/x-ndjson": null, "text/csv": csv },
  },
  {
    method: "get",
    path: "/flows/histogram",
    id: "flowHistogram",
    summary: "Flows summed over time",
    access: "read",
    query: rest.flowHistogramExportQuerySchema,
    example: { query: { ...range, step: "60" } },
    answers: { "application/json": rest.flowHistogramSchema, "application/x-ndjson": null, "text/csv": csv },
  },
  {
    method: "get",
    path: "/flows/compare",
    id: "compareFlows",
    summary: "Groups of flows that are new, gone or changed against a window before",
    access: "read",
    query: rest.flowCompareQuerySchema,
    example: { query: { ...range, by: "peer" } },
    answers: rest.flowCompareSchema,
  },
  {
    method: "get",
    path: "/flows/export",
    id: "exportFlows",
    summary: "All flow records that match a filter, as they are read",
    access: "read",
    query: rest.flowExportQuerySchema,
    example: { query: { ...range, format: "csv" } },
    answers: { "application/x-ndjson": rest.flowSchema, "text/csv": csv },
  },
  {
    method: "get",
    path: "/series/interfaces",
    id: "interfaceSeries",
    summary: "Counters of interfaces, summed per step",
    access: "read",
    query: rest.seriesQuerySchema,
    example: { query: range },
    answers: rest.interfaceSeriesSchema,
  },
  {
    method: "get",
    path: "/series/filters",
    id: "filterSeries",
    summary: "Counters of filters, summed per step",
    access: "read",
    query: rest.seriesQuerySchema,
    example: { query: range },
    answers: rest.filterSeriesSchema,
  },
  {
    method: "get",
    path: "/ledger",
    id: "getLedger",
    summary: "What became of every packet, by host and of the fleet",
    access: "read",
    query: rest.ledgerQuerySchema,
    answers: rest.fleetLedgerSchema,
  },
];
