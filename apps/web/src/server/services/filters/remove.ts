import { CodedError } from "@sonde/protocol";
import type { Ctx } from "../../context.ts";
import { actorName, audit, requireFleetWriter, type Call, type VerbCtx } from "../call.ts";
import { nextSet } from "./sets.ts";

/** Takes a filter back: pushes the set without it, and returns when every connected host has answered or been silent too long. Throws NOT_FOUND. */
export async function removeFilter({ ctx, actor, input }: Call<{ id: string }, VerbCtx & Pick<Ctx, "hub">>): Promise<void> {
  requireFleetWriter(actor);
  const at = ctx.clock.now();
  const by = actorName(actor);
  await ctx.db.$transaction(async (tx) => {
    const number = await nextSet(tx, { at, actor: by }, async (present) => {
      if (!present.some((one) => one.id === input.id)) throw new CodedError("NOT_FOUND", "No such active filter");
      await tx.filter.update({ where: { id: input.id }, data: { removedAt: new Date(at) } });
      return present.filter((one) => one.id !== input.id);
    });
    await audit(tx, { at, actor: by, action: "filter.remove", target: input.id, detail: { set: number } });
  });
  await ctx.hub.pushFilters();
}
