import { CodedError } from "@sonde/protocol";
import type { CountersResponse } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { queryCounters } from "../../store/query-counters.ts";
import { requireReader, scopeOf, type Call, type VerbCtx } from "../call.ts";
import { inScope } from "./in-scope.ts";

const MAX_POINTS = 20_000;

export type CountersInput = { readonly id: string; readonly from: Date; readonly to: Date; readonly interfaceId: number | null };

/** The stored counters of a host between two times, oldest first, at most 20,000 points. Throws NOT_FOUND, BAD_REQUEST. */
export async function hostCounters({ ctx, actor, input }: Call<CountersInput, VerbCtx & Pick<Ctx, "queries">>): Promise<CountersResponse> {
  requireReader(actor);
  if (input.from >= input.to) throw new CodedError("BAD_REQUEST", "`from` must be before `to`");
  const known = await ctx.db.host.findFirst({ where: { ...inScope(scopeOf(actor)), id: input.id }, select: { id: true } });
  if (!known) throw new CodedError("NOT_FOUND", "No such host");
  const points = await queryCounters(ctx.queries, { ...input, hostId: input.id, limit: MAX_POINTS + 1 });
  return { items: points.slice(0, MAX_POINTS), truncated: points.length > MAX_POINTS };
}
