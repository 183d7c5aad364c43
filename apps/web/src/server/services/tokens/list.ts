import type { Token } from "@sonde/protocol/rest";
import { requirePerson, type Call } from "../call.ts";

const SHOWN = 200;

/** The newest enrolment tokens, without their secrets. */
export async function listTokens({ ctx, actor }: Call<null>): Promise<Token[]> {
  requirePerson(actor);
  const now = ctx.clock.now();
  const rows = await ctx.db.enrolmentToken.findMany({ orderBy: { createdAt: "desc" }, take: SHOWN });
  return rows.map((row) => ({
    id: row.id,
    prefix: row.prefix,
    note: row.note,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    state: row.usedAt ? "used" : row.revokedAt ? "revoked" : row.expiresAt.getTime() <= now ? "expired" : "open",
    hostId: row.hostId,
  }));
}
