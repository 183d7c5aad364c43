import { CodedError, type Labels } from "@sonde/protocol";
import type { HostLabels } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { actorName, audit, requireFleetWriter, type Call, type VerbCtx } from "../call.ts";
import { effectiveLabels } from "./labels.ts";

export type SetLabelsInput = { readonly id: string; readonly labels: Labels };

/**
 * Replaces the labels that a host was given by hand; those of its token and its agent stay beneath. Labels
 * decide which hosts a token sees, so one that sees only some sets none. Throws NOT_FOUND, FORBIDDEN.
 */
export async function setLabels({ ctx, actor, input }: Call<SetLabelsInput, VerbCtx & Pick<Ctx, "hub">>): Promise<HostLabels> {
  requireFleetWriter(actor);
  const { id: hostId, labels } = input;
  const rows = await ctx.db.$transaction(async (tx) => {
    // The host's row is locked, so that of two people who set labels at once one comes after the other.
    const locked = await tx.$queryRaw<unknown[]>`SELECT id FROM host WHERE id = ${hostId}::uuid AND removed_at IS NULL FOR UPDATE`;
    if (locked.length === 0) throw new CodedError("NOT_FOUND", "No such host");
    await tx.hostLabel.deleteMany({ where: { hostId, source: "hand" } });
    await tx.hostLabel.createMany({ data: Object.entries(labels).map(([key, value]) => ({ hostId, key, value, source: "hand" })) });
    await audit(tx, { at: ctx.clock.now(), actor: actorName(actor), action: "host.labels", target: hostId, detail: { labels } });
    return tx.hostLabel.findMany({ where: { hostId } });
  });
  ctx.hub.hostsChanged([hostId]);
  void ctx.hub.pushFilters(); // it may be a host of other filters now
  return { labels: effectiveLabels(rows) };
}
