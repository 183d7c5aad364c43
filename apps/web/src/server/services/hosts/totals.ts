import { CodedError } from "@sonde/protocol";
import type { HostTotals } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { interfaceTotals } from "../../store/query/totals.ts";
import { requireReader, scopeOf, type Call, type VerbCtx } from "../call.ts";
import { inScope } from "./in-scope.ts";

export type TotalsInput = { readonly id: string; readonly seconds: number };

/** What a host counted in the last so many seconds, to the whole minute where it is long. Throws NOT_FOUND, QUERY_LIMIT, BUSY. */
export async function hostTotals({ ctx, actor, input }: Call<TotalsInput, VerbCtx & Pick<Ctx, "queries">>): Promise<HostTotals> {
  requireReader(actor);
  const known = await ctx.db.host.findFirst({ where: { ...inScope(scopeOf(actor)), id: input.id }, select: { id: true } });
  if (!known) throw new CodedError("NOT_FOUND", "No such host");
  const to = ctx.clock.now();
  const from = to - input.seconds * 1000;
  const items = await interfaceTotals(ctx.queries, { hostId: input.id, from, to });
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), items };
}
