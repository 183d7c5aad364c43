import { CodedError } from "@sonde/protocol";
import { API_TOKEN_PREFIX, apiAccessSchema } from "@sonde/protocol/rest";
import { hashSecret } from "../../secrets.ts";
import type { TokenInfo, VerbCtx } from "../call.ts";
import { readScope } from "./scopes.ts";

const SHAPE = new RegExp(`^${API_TOKEN_PREFIX}[A-Za-z0-9_-]{43}$`);
/** How exact "last used" is: one row written a minute, however often a token is used. */
const USED_EVERY_MS = 60_000;

/** The token that a secret is. Throws API_TOKEN_REFUSED. */
export async function authenticateApiToken({ db, clock }: VerbCtx, secret: string): Promise<TokenInfo> {
  if (!SHAPE.test(secret)) throw new CodedError("API_TOKEN_REFUSED", "This is no API token: one begins with sonde_ and has 49 characters");
  const row = await db.apiToken.findUnique({ where: { hash: hashSecret(secret) } });
  const now = clock.now();
  if (!row) throw new CodedError("API_TOKEN_REFUSED", "There is no such API token");
  if (row.revokedAt) throw new CodedError("API_TOKEN_REFUSED", "This API token was revoked");
  if (row.expiresAt && row.expiresAt.getTime() <= now) throw new CodedError("API_TOKEN_REFUSED", "This API token has expired");
  if (now - (row.lastUsedAt?.getTime() ?? 0) >= USED_EVERY_MS) {
    await db.apiToken.updateMany({
      where: { id: row.id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: new Date(now) } }] },
      data: { lastUsedAt: new Date(now) },
    });
  }
  return { id: row.id, access: apiAccessSchema.parse(row.access), scope: readScope(row.scope), expiresAt: row.expiresAt };
}
