import { z } from "zod";
import { labelsSchema } from "../labels.ts";
import { hostStatusSchema, ledgerSchema } from "../live-messages.ts";
import { interfaceSchema, passportSchema } from "../messages.ts";
import { hostLabelSchema } from "./labels.ts";

export * from "./agent.ts";
export * from "./captures.ts";
export * from "./counters.ts";
export * from "./filters.ts";
export * from "./labels.ts";
export * from "./names.ts";
export * from "./query.ts";
export * from "./settings.ts";
export * from "./tokens.ts";
export * from "./views.ts";

export const API_BASE = "/api/v1";

/** RFC 9457 problem document; `code` is one of errorCodes. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  /** Where a text that was sent is wrong, in UTF-16 units. */
  position: z.number().int().optional(),
  length: z.number().int().optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** POST /enrol: no other authentication than the token. */
export const enrolRequestSchema = z.object({
  token: z.string().min(10).max(200),
  hostname: z.string().min(1).max(255),
  passport: passportSchema,
});
export type EnrolRequest = z.infer<typeof enrolRequestSchema>;
export const enrolResponseSchema = z.object({ hostId: z.uuid(), credential: z.string(), name: z.string() });
export type EnrolResponse = z.infer<typeof enrolResponseSchema>;

export const hostInterfaceSchema = interfaceSchema.extend({ id: z.number().int(), present: z.boolean() });
export type HostInterface = z.infer<typeof hostInterfaceSchema>;

export const hostSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  status: hostStatusSchema,
  /** Why it was refused, when status is "refused". */
  refusal: z.string().nullable(),
  kernel: z.string().nullable(),
  os: z.string().nullable(),
  agentVersion: z.string().nullable(),
  enrolledAt: z.iso.datetime(),
  lastSeen: z.iso.datetime().nullable(),
  clockOffsetNs: z.string().nullable(),
  interfaceCount: z.number().int(),
  labels: z.array(hostLabelSchema),
});
export type Host = z.infer<typeof hostSchema>;
export const hostDetailSchema = hostSchema.extend({
  passport: passportSchema.nullable(),
  interfaces: z.array(hostInterfaceSchema),
  ledger: ledgerSchema.nullable(),
});
export type HostDetail = z.infer<typeof hostDetailSchema>;
/** GET /hosts; `cursor` is the last page's nextCursor. */
export const hostListQuerySchema = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});
export const hostListSchema = z.object({ items: z.array(hostSchema), nextCursor: z.string().nullable() });
export type HostList = z.infer<typeof hostListSchema>;

/** POST /enrolment-tokens (the token itself is shown once, here). */
export const createTokenRequestSchema = z.object({
  /** Minutes the token is good for; 15 unless said. */
  minutes: z.number().int().min(1).max(1440).default(15),
  note: z.string().max(200).optional(),
  /** What the host that enrols with it is labelled. */
  labels: labelsSchema.default({}),
});
export type CreateTokenRequest = z.input<typeof createTokenRequestSchema>;
export const createTokenResponseSchema = z.object({
  id: z.uuid(),
  token: z.string(),
  expiresAt: z.iso.datetime(),
  /** The one line to paste on the new host. */
  installLine: z.string(),
});
export type CreateTokenResponse = z.infer<typeof createTokenResponseSchema>;
/** GET /enrolment-tokens: without the secrets. `hostId` is set once a host enrolled with it. */
export const tokenSchema = z.object({
  id: z.uuid(),
  prefix: z.string(),
  note: z.string().nullable(),
  labels: labelsSchema,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  state: z.enum(["open", "used", "expired", "revoked"]),
  hostId: z.uuid().nullable(),
});
export type Token = z.infer<typeof tokenSchema>;
export const tokenListSchema = z.object({ items: z.array(tokenSchema) });
export type TokenList = z.infer<typeof tokenListSchema>;

/** GET /hub: what the page needs to know of the hub itself. */
export const hubInfoSchema = z.object({ version: z.string(), url: z.string(), now: z.iso.datetime() });
export type HubInfo = z.infer<typeof hubInfoSchema>;

/** POST /password: the first password of an account that signed in by link. */
export const setPasswordSchema = z.object({ email: z.email().max(254), password: z.string().min(12).max(200) });
export type SetPassword = z.infer<typeof setPasswordSchema>;
