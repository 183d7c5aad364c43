import { CodedError } from "@sonde/protocol";
import type { Ctx } from "../../context.ts";
import { actorName, audit, requireWriter, scopeOf, type Call, type VerbCtx } from "../call.ts";
import { inScope } from "./in-scope.ts";

/** Revokes a host's credentials, ends its connection and takes it off the list; what it sent stays. Throws NOT_FOUND. */
export async function removeHost({ ctx, actor, input }: Call<{ id: string }, VerbCtx & Pick<Ctx, "hub">>): Promise<void> {
  requireWriter(actor);
  const at = ctx.clock.now();
  await ctx.db.$transaction(async (tx) => {
    const where = { ...inScope(scopeOf(actor)), id: input.id };
    const { count } = await tx.host.updateMany({ where, data: { removedAt: new Date(at) } });
    if (count === 0) throw new CodedError("NOT_FOUND", "No such host");
    await tx.agentCredential.updateMany({ where: { hostId: input.id, revokedAt: null }, data: { revokedAt: new Date(at) } });
    await audit(tx, { at, actor: actorName(actor), action: "host.remove", target: input.id });
  });
  ctx.hub.disconnectHost(input.id);
  ctx.hub.hostsChanged([input.id]);
}
