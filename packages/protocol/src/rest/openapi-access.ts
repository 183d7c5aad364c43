import * as rest from "./index.ts";
import type { Operation } from "./openapi-operation.ts";

/** Who may use the hub. */
export const accessOperations: readonly Operation[] = [
  {
    method: "get",
    path: "/api-tokens",
    id: "listApiTokens",
    summary: "API tokens, without their secrets",
    access: "read",
    answers: rest.apiTokenListSchema,
  },
  {
    method: "post",
    path: "/api-tokens",
    id: "createApiToken",
    summary: "Make an API token; its secret is shown once",
    access: "write",
    body: rest.createApiTokenRequestSchema,
    example: { body: { name: "grafana", access: "read", scope: { env: ["prod"] } } },
    answers: rest.createApiTokenResponseSchema,
    status: 201,
  },
  { method: "delete", path: "/api-tokens/{id}", id: "revokeApiToken", summary: "Make an API token useless", access: "write", status: 204 },
  {
    method: "post",
    path: "/password",
    id: "setPassword",
    summary: "Set e-mail and password after signing in by link",
    access: "person",
    body: rest.setPasswordSchema,
    example: { body: { email: "admin@example.net", password: "at least twelve characters" } },
    status: 204,
  },
];
