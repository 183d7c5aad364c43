import * as rest from "./index.ts";
import type { Operation } from "./openapi-operation.ts";

/** Packets of several hosts at once, and what was taken of them. */
export const captureOperations: readonly Operation[] = [
  {
    method: "get",
    path: "/captures",
    id: "listCaptures",
    summary: "Captures, the newest first, page by page",
    access: "read",
    query: rest.captureListQuerySchema,
    answers: rest.captureListSchema,
  },
  {
    method: "post",
    path: "/captures",
    id: "createCapture",
    summary: "Capture on several hosts at once, within limits",
    access: "write",
    body: rest.createCaptureRequestSchema,
    example: { body: { expression: "tcp port 443", hosts: { labels: { env: ["prod"] } }, seconds: 30 } },
    answers: rest.captureDetailSchema,
    status: 201,
  },
  {
    method: "get",
    path: "/captures/{id}",
    id: "getCapture",
    summary: "One capture and its hosts",
    access: "read",
    answers: rest.captureDetailSchema,
  },
  {
    method: "delete",
    path: "/captures/{id}",
    id: "removeCapture",
    summary: "Delete a capture and its packets",
    access: "write",
    status: 204,
  },
  {
    method: "post",
    path: "/captures/{id}/stop",
    id: "stopCapture",
    summary: "End a capture before its time",
    access: "write",
    answers: rest.captureDetailSchema,
  },
  {
    method: "get",
    path: "/captures/{id}/file",
    id: "getCaptureFile",
    summary: "The packets as pcapng; while it grows, if asked for",
    access: "write",
    query: rest.captureFileQuerySchema,
    answers: { "application/x-pcapng": null },
  },
];
