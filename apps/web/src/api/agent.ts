import { hostAgentSchema } from "@sonde/protocol/rest";
import { queryOptions } from "@tanstack/react-query";
import type { ApiClient } from "./client.ts";
import { keys } from "./keys.ts";

export type { HostAgent } from "@sonde/protocol/rest";

/** What a host's agent said last of itself, and of what it has in the kernel. */
export const agentQuery = (api: ApiClient, hostId: string) =>
  queryOptions({
    queryKey: keys.agent(hostId),
    queryFn: ({ signal }) => api.call({ method: "GET", path: `/hosts/${encodeURIComponent(hostId)}/agent`, signal }, hostAgentSchema),
    refetchInterval: 5000,
  });
