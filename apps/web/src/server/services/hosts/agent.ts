import { CodedError } from "@sonde/protocol";
import type { HostAgent } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { requireReader, scopeOf, type Call, type VerbCtx } from "../call.ts";
import { inScope } from "./in-scope.ts";

/** What a host's agent said last of itself. Throws NOT_FOUND. */
export async function hostAgent({ ctx, actor, input }: Call<{ id: string }, VerbCtx & Pick<Ctx, "hub">>): Promise<HostAgent> {
  requireReader(actor);
  const known = await ctx.db.host.findFirst({ where: { ...inScope(scopeOf(actor)), id: input.id }, select: { id: true } });
  if (!known) throw new CodedError("NOT_FOUND", "No such host");
  return ctx.hub.agentReport(input.id);
}
