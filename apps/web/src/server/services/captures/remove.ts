import { CodedError } from "@sonde/protocol";
import type { Ctx } from "../../context.ts";
import { actorName, audit, requireWriter, type Call, type VerbCtx } from "../call.ts";
import { endCapture } from "./end.ts";
import { requireWhole } from "./whole.ts";

/** Ends a capture where it runs, and deletes it with its packets. Throws NOT_FOUND, FORBIDDEN. */
export async function removeCapture({ ctx, actor, input }: Call<{ id: string }, VerbCtx & Pick<Ctx, "hub">>): Promise<void> {
  requireWriter(actor);
  await requireWhole({ ctx, actor, input });
  const at = ctx.clock.now();
  await endCapture(ctx, input.id, "stopped", new Date(at));
  await ctx.hub.endCaptures();
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.capture.deleteMany({ where: { id: input.id, filter: { removedAt: { not: null } } } });
    if (count === 0) throw new CodedError("BUSY", "The capture's filter could not be taken back yet; try again");
    await audit(tx, { at, actor: actorName(actor), action: "capture.remove", target: input.id });
  });
  ctx.hub.captureChanged(input.id);
}
