import { hostLabelsSchema } from "@sonde/protocol/rest";
import type { HostLabel } from "@sonde/protocol/rest";
import type { ApiClient } from "./client.ts";

export type { HostLabel } from "@sonde/protocol/rest";

/** Replaces the labels that a host was given by hand; answers what holds now. Throws ApiError. */
export async function setLabels(api: ApiClient, hostId: string, labels: Readonly<Record<string, string>>): Promise<readonly HostLabel[]> {
  const call = { method: "PUT", path: `/hosts/${encodeURIComponent(hostId)}/labels`, body: { labels } } as const;
  return (await api.call(call, hostLabelsSchema)).labels;
}
