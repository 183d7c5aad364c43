import { countersResponseSchema, createTokenResponseSchema, hostDetailSchema, hostListSchema, tokenListSchema } from "@sonde/protocol/rest";
import type { CounterPoint, CreateTokenRequest, Host } from "@sonde/protocol/rest";
import { queryOptions } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./client.ts";
import type { ApiClient } from "./client.ts";
import { keys } from "./keys.ts";

/** Pages asked for at most: a guard against a cursor that never ends. */
const MAX_PAGES = 100;

/** All hosts, page by page. */
export const hostsQuery = (api: ApiClient) =>
  queryOptions({
    queryKey: keys.hosts,
    queryFn: async ({ signal }) => {
      const hosts: Host[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < MAX_PAGES; page++) {
        const query: string = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
        const list = await api.call({ method: "GET", path: `/hosts${query}`, signal }, hostListSchema);
        hosts.push(...list.items);
        cursor = list.nextCursor;
        if (cursor === null) break;
      }
      return hosts;
    },
  });

export const hostQuery = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: keys.host(id),
    queryFn: ({ signal }) => api.call({ method: "GET", path: `/hosts/${encodeURIComponent(id)}`, signal }, hostDetailSchema),
  });

/** Enrolment tokens without their secrets; asked again every few seconds while someone waits for a host. */
export const tokensQuery = (api: ApiClient) =>
  queryOptions({
    queryKey: keys.tokens,
    queryFn: ({ signal }) => api.call({ method: "GET", path: "/enrolment-tokens", signal }, tokenListSchema),
    refetchInterval: 2000,
  });

export const createToken = (api: ApiClient, body: CreateTokenRequest) =>
  api.call({ method: "POST", path: "/enrolment-tokens", body }, createTokenResponseSchema);

/** Makes a token good for nothing, before a host enrolled with it. Throws ApiError. */
export const revokeToken = (api: ApiClient, id: string) =>
  api.send({ method: "DELETE", path: `/enrolment-tokens/${encodeURIComponent(id)}` });

/** The stored counters of a host between two times, in the hub's clock; one point per second and interface. Throws ApiError. */
export async function countersBetween(api: ApiClient, hostId: string, from: Date, to: Date): Promise<readonly CounterPoint[]> {
  const query = new URLSearchParams({ from: from.toISOString(), to: to.toISOString() });
  const answer = await api.call({ method: "GET", path: `/hosts/${encodeURIComponent(hostId)}/counters?${query}` }, countersResponseSchema);
  return answer.items;
}

/** Refreshes what a `hosts-changed` message names; an empty list is the list itself. */
export function invalidateHosts(client: QueryClient, hostIds: readonly string[]): void {
  void client.invalidateQueries({ queryKey: keys.hosts });
  void client.invalidateQueries({ queryKey: keys.tokens });
  for (const id of hostIds) void client.invalidateQueries({ queryKey: keys.host(id) });
}

/** Trying again helps only where the hub did not answer or was busy. */
export function worthRetrying(count: number, error: Error): boolean {
  const passing = error instanceof ApiError && (error.status === 0 || error.status >= 500);
  return passing && count < 3;
}
