import { CodedError } from "@sonde/protocol";
import { actorName, audit, requireWriter, scopeOf, type Call } from "../call.ts";
import { isWithin, readScope } from "./scopes.ts";

/** Makes a token useless at once. Idempotent. Throws NOT_FOUND, also for one that sees more than the actor. */
export async function revokeApiToken({ ctx, actor, input }: Call<{ id: string }>): Promise<void> {
  requireWriter(actor);
  const now = ctx.clock.now();
  await ctx.db.$transaction(async (tx) => {
    const row = await tx.apiToken.findUnique({ where: { id: input.id } });
    if (!row || !isWithin(readScope(row.scope), scopeOf(actor))) throw new CodedError("NOT_FOUND", "No such API token");
    const { count } = await tx.apiToken.updateMany({ where: { id: row.id, revokedAt: null }, data: { revokedAt: new Date(now) } });
    if (count === 1) await audit(tx, { at: now, actor: actorName(actor), action: "api-token.revoke", target: row.id });
  });
}
