import { hostTotalsSchema } from "@sonde/protocol/rest";
import { queryOptions } from "@tanstack/react-query";
import type { ApiClient } from "./client.ts";
import { keys } from "./keys.ts";

export { protoClasses, type ProtoClass } from "@sonde/protocol";
export type { SideTotals } from "@sonde/protocol/rest";

/** What a host counted in the last so many seconds. */
export const totalsQuery = (api: ApiClient, hostId: string, seconds: number) =>
  queryOptions({
    queryKey: keys.totals(hostId, seconds),
    queryFn: ({ signal }) =>
      api.call({ method: "GET", path: `/hosts/${encodeURIComponent(hostId)}/totals?seconds=${seconds}`, signal }, hostTotalsSchema),
    refetchInterval: 10_000,
  });
