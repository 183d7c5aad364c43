import type { CaptureDetail } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { actorName, audit, requireWriter, type Call, type VerbCtx } from "../call.ts";
import { endCapture } from "./end.ts";
import { getCapture } from "./get.ts";
import { requireWhole } from "./whole.ts";

/** Ends a capture before its time; one that has ended stays as it is. Throws NOT_FOUND, FORBIDDEN. */
export async function stopCapture({ ctx, actor, input }: Call<{ id: string }, VerbCtx & Pick<Ctx, "hub">>): Promise<CaptureDetail> {
  requireWriter(actor);
  await requireWhole({ ctx, actor, input });
  const at = ctx.clock.now();
  if (await endCapture(ctx, input.id, "stopped", new Date(at))) {
    await ctx.db.$transaction((tx) => audit(tx, { at, actor: actorName(actor), action: "capture.stop", target: input.id }));
    await ctx.hub.endCaptures();
  }
  return getCapture({ ctx, actor, input });
}
