import * as rest from "./index.ts";
import type { Operation } from "./openapi-operation.ts";

/** What operators set for the whole hub. */
export const settingOperations: readonly Operation[] = [
  {
    method: "get",
    path: "/settings/storage",
    id: "getStorage",
    summary: "What is stored, how fast it grows and how long there is room",
    access: "read",
    answers: rest.storageReportSchema,
  },
  {
    method: "put",
    path: "/settings/retention",
    id: "setRetention",
    summary: "Set how long, and how much of, each table is kept",
    access: "write",
    body: rest.retentionRequestSchema,
    example: { body: { limits: { flow_records: { keepHours: 168, maxGigabytes: 50 } } } },
    answers: rest.storageReportSchema,
  },
];
