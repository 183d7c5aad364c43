import { z } from "zod";
import { labelSelectorSchema } from "../labels.ts";

/** What a program asks the API with, in `Authorization: Bearer`: this prefix and 43 characters of base64url. */
export const API_TOKEN_PREFIX = "sonde_";

/** read: everything that changes nothing; write: the rest too, but for what is of one person alone. */
export const apiAccessSchema = z.enum(["read", "write"]);
export type ApiAccess = z.infer<typeof apiAccessSchema>;

/** POST /api-tokens. `scope`: hosts outside of it do not exist for the token; null: it sees all. */
export const createApiTokenRequestSchema = z.object({
  name: z.string().min(1).max(100),
  access: apiAccessSchema.default("read"),
  scope: labelSelectorSchema.nullable().default(null),
  /** null: until it is revoked. */
  expiresAt: z.iso.datetime().nullable().default(null),
});
export type CreateApiTokenRequest = z.input<typeof createApiTokenRequestSchema>;

export const apiTokenSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  /** First characters of the secret. */
  prefix: z.string(),
  access: apiAccessSchema,
  scope: labelSelectorSchema.nullable(),
  state: z.enum(["active", "expired", "revoked"]),
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  /** To the minute. */
  lastUsedAt: z.iso.datetime().nullable(),
});
export type ApiToken = z.infer<typeof apiTokenSchema>;

/** The answer of POST /api-tokens: the secret is shown here and nowhere else. */
export const createApiTokenResponseSchema = apiTokenSchema.extend({ token: z.string() });
export type CreateApiTokenResponse = z.infer<typeof createApiTokenResponseSchema>;

/** GET /api-tokens: the newest 500, without the secrets. */
export const apiTokenListSchema = z.object({ items: z.array(apiTokenSchema) });
export type ApiTokenList = z.infer<typeof apiTokenListSchema>;
