import { CodedError } from "@sonde/protocol";
import { requireFleetWriter, type Call } from "../call.ts";

/** Throws NOT_FOUND. */
export async function removeView({ ctx, actor, input }: Call<{ id: string }>): Promise<void> {
  requireFleetWriter(actor);
  const { count } = await ctx.db.savedView.deleteMany({ where: { id: input.id } });
  if (count === 0) throw new CodedError("NOT_FOUND", "No such view");
}
