import type { FlowHistogram, Measure } from "@sonde/protocol/rest";
import { flowHistogram } from "../../store/query/histogram.ts";
import type { Call } from "../call.ts";
import { iso, readAsk, wholeSteps, type QueryCtx, type RangeInput } from "./input.ts";

/** Steps to choose from, in seconds: people read these, and most are multiples of what is summed up ahead. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400];
const USUAL_BUCKETS = 150;
const MAX_BUCKETS = 2_000;

export type HistogramInput = RangeInput & {
  readonly step?: number | undefined;
  readonly by?: string[] | undefined;
  readonly measure: Measure;
  readonly n: number;
};

/** Flows over time. Throws NOT_SIGNED_IN, BAD_REQUEST, QUERY_FILTER, QUERY_FIELD, QUERY_LIMIT, BUSY. */
export async function histogramOfFlows({ ctx, actor, input }: Call<HistogramInput, QueryCtx>): Promise<FlowHistogram> {
  const ask = readAsk(ctx, actor, input);
  const step = input.step ?? usualStep((ask.to - ask.from) / 1000);
  const range = wholeSteps(ask, step * 1000, MAX_BUCKETS);
  const { by = [], measure, n } = input;
  const series = await flowHistogram(ctx.queries, { ...ask, ...range, stepMs: step * 1000, by, measure, n, now: ctx.clock.now() });
  return { from: iso(range.from), to: iso(range.to), step, by, series };
}

/** From half an hour on whole minutes, which are summed up ahead. */
function usualStep(seconds: number): number {
  const least = seconds < 1800 ? 1 : 60;
  return STEPS.find((step) => step >= least && seconds / step <= USUAL_BUCKETS) ?? 86_400;
}
