import { CodedError, type LabelSelector } from "@sonde/protocol";
import type pg from "pg";
import type { Query } from "../../../domain/query/index.ts";
import { completeUntil, seriesLevels } from "../levels.ts";
import { knownToSums, type GroupKey } from "./group-keys.ts";
import { flowRowsIn, keptSince } from "./kept.ts";
import type { SqlParams } from "./params.ts";
import { flowsInScope } from "./scope.ts";
import { planSegments, tablesOf, type Segment } from "./segments.ts";
import { whereOf } from "./where.ts";

/** Which flows: those that the query takes, of hosts in the scope (null: all), from one time to below another (ms since 1970). */
export type FlowAsk = { readonly query: Query; readonly scope: LabelSelector | null; readonly from: number; readonly to: number };

/** The most flow records that one question may read. */
const MAX_ROWS = 100_000_000;
/** A question that is still not answered then is given up. */
export const ANSWER_MS = 10_000;

/** The conditions of an ask on rows `f`, but for its time. */
export function flowsWhere(ask: FlowAsk, params: SqlParams): string {
  return `${whereOf(ask.query, params, "flows")} AND ${flowsInScope(ask.scope, params)}`;
}

/** Which tables answer for which part of a range. Throws QUERY_LIMIT when too many flow records would have to be read. */
export async function planAsk(pool: pg.Pool, ask: FlowAsk, keys: readonly GroupKey[], stepMs: number | null): Promise<Segment[]> {
  const series = seriesLevels.flow_records;
  const sums = keys.every((key) => key.inSums) && knownToSums(ask.query);
  const [until, kept] = [sums ? await completeUntil(pool) : {}, await keptSince(pool, tablesOf(series))];
  const segments = planSegments({ series, from: ask.from, to: ask.to, sums, stepMs, until, kept });
  let rows = 0;
  for (const { table, from, to } of segments) if (table === series.raw) rows += await flowRowsIn(pool, from, to);
  if (rows > MAX_ROWS) throw new CodedError("QUERY_LIMIT", tooMany(rows, ask));
  return segments;
}

function tooMany(rows: number, { from, to }: FlowAsk): string {
  const hours = Math.ceil((to - from) / 3_600_000);
  return (
    `This asks to read about ${Math.round(rows / 1e6)} million flow records of ${hours} hours, and ${MAX_ROWS / 1e6} million is the most: ` +
    "narrow the time range, or filter and group by host, label, interface, direction, verdict and protocol alone, which are summed up ahead"
  );
}
