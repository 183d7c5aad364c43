import type { FlowTop, Measure } from "@sonde/protocol/rest";
import { topFlows } from "../../store/query/top.ts";
import type { Call } from "../call.ts";
import { iso, readAsk, type QueryCtx, type RangeInput } from "./input.ts";

export type TopInput = RangeInput & { readonly by: string[]; readonly measure: Measure; readonly n: number };

/** The groups of flows that carry most. Throws NOT_SIGNED_IN, BAD_REQUEST, QUERY_FILTER, QUERY_FIELD, QUERY_LIMIT, BUSY. */
export async function topOfFlows({ ctx, actor, input }: Call<TopInput, QueryCtx>): Promise<FlowTop> {
  const ask = readAsk(ctx, actor, input);
  const { by, measure, n } = input;
  const top = await topFlows(ctx.queries, { ...ask, by, measure, n });
  return { from: iso(ask.from), to: iso(ask.to), by, measure, ...top };
}
