import { makeSecret } from "../../secrets.ts";
import { actorName, audit, type Call } from "../call.ts";
import { CodedError } from "@sonde/protocol";

const GOOD_FOR_MS = 15 * 60_000;

/** Makes a one-time sign-in link's secret, good for 15 minutes. Only the hub's own shell may. Throws FORBIDDEN. */
export async function createAdminLink({ ctx, actor }: Call<null>): Promise<{ secret: string; expiresAt: Date }> {
  if (actor.kind !== "local") throw new CodedError("FORBIDDEN");
  const { secret, hash } = makeSecret("snd_link_");
  const now = ctx.clock.now();
  const expiresAt = new Date(now + GOOD_FOR_MS);
  await ctx.db.$transaction(async (tx) => {
    const row = await tx.adminLink.create({ data: { hash, createdAt: new Date(now), expiresAt } });
    await audit(tx, { at: now, actor: actorName(actor), action: "admin-link.create", target: row.id });
  });
  return { secret, expiresAt };
}
