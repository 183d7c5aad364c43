import { CodedError } from "@sonde/protocol";
import type { HostLabels } from "@sonde/protocol/rest";
import { requireReader, scopeOf, type Call } from "../call.ts";
import { inScope } from "./in-scope.ts";
import { effectiveLabels } from "./labels.ts";

/** The labels that hold for a host. Throws NOT_FOUND. */
export async function getLabels({ ctx, actor, input }: Call<{ id: string }>): Promise<HostLabels> {
  requireReader(actor);
  const host = await ctx.db.host.findFirst({ where: { ...inScope(scopeOf(actor)), id: input.id }, select: { labels: true } });
  if (!host) throw new CodedError("NOT_FOUND", "No such host");
  return { labels: effectiveLabels(host.labels) };
}
