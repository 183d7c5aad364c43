import { CodedError } from "@sonde/protocol";
import type { HostLabels } from "@sonde/protocol/rest";
import { requirePerson, type Call } from "../call.ts";
import { effectiveLabels } from "./labels.ts";

/** The labels that hold for a host. Throws NOT_FOUND. */
export async function getLabels({ ctx, actor, input }: Call<{ id: string }>): Promise<HostLabels> {
  requirePerson(actor);
  const host = await ctx.db.host.findUnique({ where: { id: input.id, removedAt: null }, select: { labels: true } });
  if (!host) throw new CodedError("NOT_FOUND", "No such host");
  return { labels: effectiveLabels(host.labels) };
}
