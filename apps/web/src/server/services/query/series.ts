import type { FilterSeries, InterfaceSeries } from "@sonde/protocol/rest";
import { filterSeries, interfaceSeries, type SeriesAsk } from "../../store/query/series.ts";
import type { Actor, Call } from "../call.ts";
import { checkRange, readHosts, wholeSteps, type QueryCtx } from "./input.ts";

const MAX_POINTS = 20_000;

export type SeriesInput = {
  readonly host?: string[] | undefined;
  readonly label?: [string, string][] | undefined;
  readonly from: string;
  readonly to: string;
  readonly step: number;
  readonly interface?: number | undefined;
};

/** Traffic of interfaces over time, at most 20,000 points. Throws NOT_SIGNED_IN, BAD_REQUEST, QUERY_LIMIT, BUSY. */
export async function seriesOfInterfaces({ ctx, actor, input }: Call<SeriesInput, QueryCtx>): Promise<InterfaceSeries> {
  return { step: input.step, ...(await interfaceSeries(ctx.queries, askOf(actor, input))) };
}

/** What became of the packets that filters took, likewise. */
export async function seriesOfFilters({ ctx, actor, input }: Call<SeriesInput, QueryCtx>): Promise<FilterSeries> {
  return { step: input.step, ...(await filterSeries(ctx.queries, askOf(actor, input))) };
}

function askOf(actor: Actor, input: SeriesInput): SeriesAsk {
  const stepMs = input.step * 1000;
  const range = wholeSteps(checkRange(Date.parse(input.from), Date.parse(input.to)), stepMs, MAX_POINTS);
  return { hosts: readHosts(actor, input), ...range, stepMs, interfaceId: input.interface ?? null, limit: MAX_POINTS };
}
