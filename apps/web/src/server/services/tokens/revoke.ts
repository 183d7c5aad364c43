import { CodedError } from "@sonde/protocol";
import { actorName, audit, requireFleetWriter, type Call } from "../call.ts";

/** Makes an unused token useless. Idempotent. Throws NOT_FOUND, TOKEN_USED. */
export async function revokeToken({ ctx, actor, input }: Call<{ id: string }>): Promise<void> {
  requireFleetWriter(actor);
  const now = ctx.clock.now();
  await ctx.db.$transaction(async (tx) => {
    const where = { id: input.id, usedAt: null, revokedAt: null };
    const { count } = await tx.enrolmentToken.updateMany({ where, data: { revokedAt: new Date(now) } });
    if (count === 1) {
      await audit(tx, { at: now, actor: actorName(actor), action: "token.revoke", target: input.id });
      return;
    }
    const row = await tx.enrolmentToken.findUnique({ where: { id: input.id } });
    if (!row) throw new CodedError("NOT_FOUND", "No such enrolment token");
    if (row.usedAt) throw new CodedError("TOKEN_USED", "The token was used already; remove its host instead");
  });
}
