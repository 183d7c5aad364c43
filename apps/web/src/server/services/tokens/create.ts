import type { Labels } from "@sonde/protocol";
import { makeSecret } from "../../secrets.ts";
import { actorName, audit, requireFleetWriter, type Call } from "../call.ts";

export type CreatedToken = { readonly id: string; readonly token: string; readonly expiresAt: Date };

const PREFIX_SHOWN = 14;

export type NewToken = { readonly minutes: number; readonly note?: string | undefined; readonly labels?: Labels };

/** Makes an enrolment token, good once and for `minutes`; its labels become the host's. The secret is returned here and nowhere else. */
export async function createToken({ ctx, actor, input }: Call<NewToken>): Promise<CreatedToken> {
  requireFleetWriter(actor);
  const { secret, hash } = makeSecret("snd_enrol_");
  const now = ctx.clock.now();
  const labels = input.labels ?? {};
  const expiresAt = new Date(now + input.minutes * 60_000);
  const row = await ctx.db.$transaction(async (tx) => {
    const data = {
      hash,
      prefix: secret.slice(0, PREFIX_SHOWN),
      note: input.note ?? null,
      labels,
      createdBy: actorName(actor),
      createdAt: new Date(now),
      expiresAt,
    };
    const created = await tx.enrolmentToken.create({ data });
    const detail = { minutes: input.minutes, labels };
    await audit(tx, { at: now, actor: actorName(actor), action: "token.create", target: created.id, detail });
    return created;
  });
  return { id: row.id, token: secret, expiresAt };
}
