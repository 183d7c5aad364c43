import type { FlowCompare, Measure } from "@sonde/protocol/rest";
import { compareFlows } from "../../store/query/compare.ts";
import type { Call } from "../call.ts";
import { checkRange, iso, readAsk, type QueryCtx, type RangeInput } from "./input.ts";

export type CompareInput = RangeInput & {
  readonly beforeFrom?: string | undefined;
  readonly beforeTo?: string | undefined;
  readonly by: string[];
  readonly measure: Measure;
  readonly n: number;
  readonly factor: number;
};

/** What is new, gone or changed against an earlier window. Throws NOT_SIGNED_IN, BAD_REQUEST, QUERY_FILTER, QUERY_FIELD, QUERY_LIMIT, BUSY. */
export async function compareWindows({ ctx, actor, input }: Call<CompareInput, QueryCtx>): Promise<FlowCompare> {
  const ask = readAsk(ctx, actor, input);
  const beforeTo = input.beforeTo === undefined ? ask.from : Date.parse(input.beforeTo);
  const beforeFrom = input.beforeFrom === undefined ? beforeTo - (ask.to - ask.from) : Date.parse(input.beforeFrom);
  const before = checkRange(beforeFrom, beforeTo);
  const { by, measure, n, factor } = input;
  const compared = await compareFlows(ctx.queries, { ...ask, before, by, measure, n, factor });
  return { from: iso(ask.from), to: iso(ask.to), beforeFrom: iso(before.from), beforeTo: iso(before.to), by, measure, ...compared };
}
