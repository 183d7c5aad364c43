import { makeSecret } from "../../secrets.ts";
import { actorName, audit, requireFleetWriter, type Call } from "../call.ts";

export type CreatedToken = { readonly id: string; readonly token: string; readonly expiresAt: Date };

const PREFIX_SHOWN = 14;

/** Makes an enrolment token, good once and for `minutes`. The secret is returned here and nowhere else. */
export async function createToken({ ctx, actor, input }: Call<{ minutes: number; note?: string | undefined }>): Promise<CreatedToken> {
  requireFleetWriter(actor);
  const { secret, hash } = makeSecret("snd_enrol_");
  const now = ctx.clock.now();
  const expiresAt = new Date(now + input.minutes * 60_000);
  const row = await ctx.db.$transaction(async (tx) => {
    const data = {
      hash,
      prefix: secret.slice(0, PREFIX_SHOWN),
      note: input.note ?? null,
      createdBy: actorName(actor),
      createdAt: new Date(now),
      expiresAt,
    };
    const created = await tx.enrolmentToken.create({ data });
    await audit(tx, { at: now, actor: actorName(actor), action: "token.create", target: created.id, detail: { minutes: input.minutes } });
    return created;
  });
  return { id: row.id, token: secret, expiresAt };
}
