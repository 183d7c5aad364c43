import { randomBytes } from "node:crypto";
import { CodedError } from "@sonde/protocol";
import type { SetPassword } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { actorName, audit, requirePerson, type Call, type VerbCtx } from "../call.ts";

/** How long after signing in by link the password may be set. */
const LINK_GRACE_MS = 30 * 60_000;

/**
 * Sets e-mail and password of the account that signed in by link: the first password, or a new one in place of a
 * forgotten one. Ends the account's other sessions. Throws NOT_SIGNED_IN, FORBIDDEN, BAD_REQUEST.
 */
export async function setPassword({ ctx, actor, input }: Call<SetPassword, VerbCtx & Pick<Ctx, "hashPassword">>): Promise<void> {
  requirePerson(actor);
  if (actor.kind !== "user") throw new CodedError("NOT_SIGNED_IN");
  const { userId, sessionId, viaLink, createdAt } = actor.session;
  const at = ctx.clock.now();
  if (!viaLink || at - createdAt.getTime() > LINK_GRACE_MS) {
    throw new CodedError("FORBIDDEN", "Sign in with a new one-time link to set the password");
  }
  const password = await ctx.hashPassword(input.password);
  const email = input.email.toLowerCase();
  await ctx.db.$transaction(async (tx) => {
    const taken = await tx.user.findFirst({ where: { email, id: { not: userId } }, select: { id: true } });
    if (taken) throw new CodedError("BAD_REQUEST", "Another account has this e-mail address");
    await tx.user.update({ where: { id: userId }, data: { email } });
    await tx.account.upsert({
      where: { providerId_accountId: { providerId: "credential", accountId: userId } },
      create: { id: randomBytes(16).toString("hex"), providerId: "credential", accountId: userId, userId, password },
      update: { password },
    });
    await tx.session.deleteMany({ where: { userId, id: { not: sessionId } } });
    await audit(tx, { at, actor: actorName(actor), action: "account.set-password", target: userId });
  });
}
