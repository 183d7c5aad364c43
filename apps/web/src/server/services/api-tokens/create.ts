import { CodedError } from "@sonde/protocol";
import { API_TOKEN_PREFIX, type CreateApiTokenResponse, type createApiTokenRequestSchema } from "@sonde/protocol/rest";
import type { z } from "zod";
import { Prisma } from "../../../../../../prisma/generated/client.ts";
import { makeSecret } from "../../secrets.ts";
import { actorName, audit, requireWriter, type Actor, type Call } from "../call.ts";
import { presentApiToken } from "./present.ts";
import { isWithin } from "./scopes.ts";

export type NewApiToken = z.output<typeof createApiTokenRequestSchema>;

const PREFIX_SHOWN = 12;
const MAX_ACTIVE = 500;

/**
 * Makes an API token; its secret is returned here and nowhere else. A token makes none that sees more or lives longer
 * than itself. Throws FORBIDDEN, BAD_REQUEST, TOO_MANY.
 */
export async function createApiToken({ ctx, actor, input }: Call<NewApiToken>): Promise<CreateApiTokenResponse> {
  requireWriter(actor);
  const now = ctx.clock.now();
  const expiresAt = input.expiresAt === null ? null : new Date(input.expiresAt);
  if (expiresAt && expiresAt.getTime() <= now) throw new CodedError("BAD_REQUEST", "expiresAt: this time is over already");
  refuseMore(actor, input, expiresAt);
  const { secret, hash } = makeSecret(API_TOKEN_PREFIX);
  const { name, access } = input;
  const scope = input.scope && Object.keys(input.scope).length > 0 ? input.scope : null;
  const row = await ctx.db.$transaction(async (tx) => {
    const active = await tx.apiToken.count({
      where: { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date(now) } }] },
    });
    if (active >= MAX_ACTIVE) throw new CodedError("TOO_MANY", `At most ${MAX_ACTIVE} API tokens are active at once; revoke one first`);
    const data = { hash, prefix: secret.slice(0, PREFIX_SHOWN), name, access, scope: scope ?? Prisma.DbNull, expiresAt };
    const created = await tx.apiToken.create({ data: { ...data, createdBy: actorName(actor), createdAt: new Date(now) } });
    const detail = { name, access, scope, expiresAt: input.expiresAt };
    await audit(tx, { at: now, actor: actorName(actor), action: "api-token.create", target: created.id, detail });
    return created;
  });
  return { ...presentApiToken(row, now), token: secret };
}

function refuseMore(actor: Actor, input: NewApiToken, expiresAt: Date | null): void {
  if (actor.kind !== "token") return;
  const { token } = actor;
  if (!isWithin(input.scope, token.scope))
    throw new CodedError("FORBIDDEN", "The new token would see more hosts than the one that makes it");
  if (token.expiresAt && (expiresAt === null || expiresAt > token.expiresAt))
    throw new CodedError("FORBIDDEN", "The new token would live longer than the one that makes it");
}
