import { namesSchema } from "@sonde/protocol/rest";
import { queryOptions } from "@tanstack/react-query";
import type { ApiClient } from "./client.ts";
import { keys } from "./keys.ts";

export type { AddressName } from "@sonde/protocol/rest";

/** Addresses of one question, and how soon one is asked again while reverse DNS is under way. */
const MOST = 500;
const AGAIN_MS = 3000;

/** What is known of addresses, at most 500: asked again while names are still coming. */
export const namesQuery = (api: ApiClient, addresses: readonly string[]) =>
  queryOptions({
    queryKey: keys.names(addresses),
    queryFn: ({ signal }) =>
      api.call({ method: "POST", path: "/names", body: { addresses: addresses.slice(0, MOST) }, signal }, namesSchema),
    enabled: addresses.length > 0,
    staleTime: 60_000,
    refetchInterval: ({ state }) => (state.data !== undefined && state.data.pending > 0 && state.dataUpdateCount < 10 ? AGAIN_MS : false),
  });
