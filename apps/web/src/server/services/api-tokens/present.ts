import { apiAccessSchema, type ApiToken } from "@sonde/protocol/rest";
import type { ApiToken as ApiTokenRow } from "../../../../../../prisma/generated/client.ts";
import { readScope } from "./scopes.ts";

/** A token as the API shows it, without its secret. */
export function presentApiToken(row: ApiTokenRow, now: number): ApiToken {
  const expired = row.expiresAt !== null && row.expiresAt.getTime() <= now;
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    access: apiAccessSchema.parse(row.access),
    scope: readScope(row.scope),
    state: row.revokedAt ? "revoked" : expired ? "expired" : "active",
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}
