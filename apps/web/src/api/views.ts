import { viewListSchema, viewSchema } from "@sonde/protocol/rest";
import type { CreateViewRequest } from "@sonde/protocol/rest";
import { queryOptions } from "@tanstack/react-query";
import type { ApiClient } from "./client.ts";
import { keys } from "./keys.ts";

export type { View } from "@sonde/protocol/rest";
export type ViewScreen = CreateViewRequest["screen"];

/** Views of screens that were saved under a name. */
export const viewsQuery = (api: ApiClient) =>
  queryOptions({
    queryKey: keys.views,
    queryFn: async ({ signal }) => (await api.call({ method: "GET", path: "/views", signal }, viewListSchema)).items,
    staleTime: 60_000,
  });

/** Saves what an address says under a name, in place of one of that name. Throws ApiError. */
export const saveView = (api: ApiClient, body: CreateViewRequest) => api.call({ method: "POST", path: "/views", body }, viewSchema);

/** Throws ApiError. */
export const removeView = (api: ApiClient, id: string) => api.send({ method: "DELETE", path: `/views/${encodeURIComponent(id)}` });
