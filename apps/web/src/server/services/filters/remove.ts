import { CodedError } from "@sonde/protocol";
import type { Ctx } from "../../context.ts";
import { actorName, audit, requireFleetWriter, type Call, type VerbCtx } from "../call.ts";
import { OF_MANY_HOSTS, assignSets } from "./assign.ts";

/** Takes a filter back: pushes the sets without it, and returns when every connected host has answered or been silent too long. Throws NOT_FOUND. */
export async function removeFilter({ ctx, actor, input }: Call<{ id: string }, VerbCtx & Pick<Ctx, "hub">>): Promise<void> {
  requireFleetWriter(actor);
  const at = ctx.clock.now();
  const by = actorName(actor);
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.filter.updateMany({
      where: { id: input.id, removedAt: null, capture: null },
      data: { removedAt: new Date(at) },
    });
    if (count === 0) throw new CodedError("NOT_FOUND", "No such active filter");
    await assignSets(tx, { at, actor: by });
    await audit(tx, { at, actor: by, action: "filter.remove", target: input.id });
  }, OF_MANY_HOSTS);
  await ctx.hub.pushFilters();
}
