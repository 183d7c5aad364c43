import { labelsSchema } from "@sonde/protocol";
import type { Token } from "@sonde/protocol/rest";
import { requireReader, scopeOf, type Call } from "../call.ts";
import { inScope } from "../hosts/in-scope.ts";

const SHOWN = 200;

/** The newest enrolment tokens, without their secrets; within a scope those that its hosts enrolled with. */
export async function listTokens({ ctx, actor }: Call<null>): Promise<Token[]> {
  requireReader(actor);
  const now = ctx.clock.now();
  const scope = scopeOf(actor);
  const where = scope === null ? {} : { host: inScope(scope) };
  const rows = await ctx.db.enrolmentToken.findMany({ where, orderBy: { createdAt: "desc" }, take: SHOWN });
  return rows.map((row) => ({
    id: row.id,
    prefix: row.prefix,
    note: row.note,
    labels: labelsSchema.parse(row.labels),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    state: row.usedAt ? "used" : row.revokedAt ? "revoked" : row.expiresAt.getTime() <= now ? "expired" : "open",
    hostId: row.hostId,
  }));
}
