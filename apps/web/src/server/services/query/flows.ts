import type { FlowList } from "@sonde/protocol/rest";
import { timeOf } from "../../store/query/flow-rows.ts";
import { flowPage } from "../../store/query/flow-page.ts";
import type { Call } from "../call.ts";
import { readPlace, writePlace } from "./cursor.ts";
import { readAsk, type QueryCtx, type RangeInput } from "./input.ts";

/** A page that is not full by then is answered as it is. */
const BUDGET_MS = 2_000;

export type FlowsInput = RangeInput & { readonly limit: number; readonly cursor?: string | undefined };

/** Flow records newest first; `cursor` is the last page's nextCursor. Throws NOT_SIGNED_IN, BAD_REQUEST, QUERY_FILTER, QUERY_LIMIT, BUSY. */
export async function listFlows({ ctx, actor, input }: Call<FlowsInput, QueryCtx>): Promise<FlowList> {
  const ask = readAsk(ctx, actor, input);
  const after = input.cursor === undefined ? null : readPlace(input.cursor);
  const page = await flowPage(ctx.queries, { ...ask, after, limit: input.limit, budgetMs: BUDGET_MS, clock: () => ctx.clock.now() });
  return {
    items: page.items,
    nextCursor: page.next && writePlace(page.next),
    stopped: page.stopped && page.next ? { reached: timeOf(page.next.atUs), message: stoppedWords(page.next.atUs) } : null,
  };
}

function stoppedWords(reachedUs: number): string {
  return `Searched back to ${timeOf(reachedUs)} in ${BUDGET_MS / 1000} s; the next page goes on from there. A narrower range or filter answers sooner.`;
}
