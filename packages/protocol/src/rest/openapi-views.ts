import * as rest from "./index.ts";
import type { Operation } from "./openapi-operation.ts";

/** Views of screens under a name. */
export const viewOperations: readonly Operation[] = [
  { method: "get", path: "/views", id: "listViews", summary: "Saved views of screens", access: "read", answers: rest.viewListSchema },
  {
    method: "post",
    path: "/views",
    id: "saveView",
    summary: "Save a view of a screen, in place of one of its name",
    access: "write",
    body: rest.createViewRequestSchema,
    example: { body: { screen: "flows", name: "DNS of prod", query: "filter=udp.port+%3D%3D+53" } },
    answers: rest.viewSchema,
    status: 201,
  },
  { method: "delete", path: "/views/{id}", id: "deleteView", summary: "Delete a saved view", access: "write", status: 204 },
];
