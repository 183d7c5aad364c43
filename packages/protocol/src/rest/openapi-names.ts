import * as rest from "./index.ts";
import type { Operation } from "./openapi-operation.ts";

/** What addresses are, and what the hub may ask to find out. */
export const nameOperations: readonly Operation[] = [
  {
    method: "post",
    path: "/names",
    id: "resolveNames",
    summary: "What is known of addresses: enrolled hosts, special purposes, DNS names, country and AS",
    access: "read",
    body: rest.namesRequestSchema,
    example: { body: { addresses: ["192.0.2.1", "2001:db8::1"] } },
    answers: rest.namesSchema,
  },
  {
    method: "get",
    path: "/settings/names",
    id: "getNameSettings",
    summary: "Where names of addresses come from",
    access: "read",
    answers: rest.nameSettingsSchema,
  },
  {
    method: "put",
    path: "/settings/names",
    id: "setNameSettings",
    summary: "Turn reverse DNS on or off",
    access: "write",
    body: rest.nameSettingsRequestSchema,
    example: { body: { reverseDns: false } },
    answers: rest.nameSettingsSchema,
  },
];
