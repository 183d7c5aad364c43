import type { ApiToken } from "@sonde/protocol/rest";
import { requireReader, scopeOf, type Call } from "../call.ts";
import { presentApiToken } from "./present.ts";
import { isWithin } from "./scopes.ts";

const SHOWN = 500;

/** The newest API tokens, without their secrets; a token is shown those that see no more than itself. */
export async function listApiTokens({ ctx, actor }: Call<null>): Promise<ApiToken[]> {
  requireReader(actor);
  const now = ctx.clock.now();
  const rows = await ctx.db.apiToken.findMany({ orderBy: [{ createdAt: "desc" }, { id: "asc" }], take: SHOWN });
  return rows.map((row) => presentApiToken(row, now)).filter((token) => isWithin(token.scope, scopeOf(actor)));
}
