import { checkFilterResponseSchema, filterDetailSchema, filterListSchema } from "@sonde/protocol/rest";
import type { CreateFilterRequest } from "@sonde/protocol/rest";
import { queryOptions } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import type { ApiClient } from "./client.ts";
import { keys } from "./keys.ts";

export type { Filter, FilterHost, FilterState } from "@sonde/protocol/rest";

/** The active filters and what each host made of them; asked again now and then, should word of a change have been missed. */
export const filtersQuery = (api: ApiClient) =>
  queryOptions({
    queryKey: keys.filters,
    queryFn: ({ signal }) => api.call({ method: "GET", path: "/filters", signal }, filterListSchema),
    refetchInterval: 3_000,
  });

/** One active filter, and the hosts it is for. */
export const filterQuery = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: [...keys.filters, id],
    queryFn: ({ signal }) => api.call({ method: "GET", path: `/filters/${encodeURIComponent(id)}`, signal }, filterDetailSchema),
  });

/** What libpcap makes of an expression: the same text always gets the same answer. */
export const checkFilterQuery = (api: ApiClient, expression: string) =>
  queryOptions({
    queryKey: keys.filterCheck(expression),
    queryFn: ({ signal }) => api.call({ method: "POST", path: "/filters/check", body: { expression }, signal }, checkFilterResponseSchema),
    staleTime: Infinity,
  });

/** Pushes one more filter; returns when every connected host has answered or been silent too long. Throws ApiError. */
export const createFilter = (api: ApiClient, body: CreateFilterRequest) =>
  api.call({ method: "POST", path: "/filters", body }, filterDetailSchema);

/** Takes a filter back from all hosts. Throws ApiError. */
export const removeFilter = (api: ApiClient, id: string) => api.send({ method: "DELETE", path: `/filters/${encodeURIComponent(id)}` });

export function invalidateFilters(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ queryKey: keys.filters });
}
