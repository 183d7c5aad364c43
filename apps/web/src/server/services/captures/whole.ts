import { CodedError } from "@sonde/protocol";
import { scopeOf, type Call } from "../call.ts";
import { readCapture } from "./get.ts";

/** Lets through who sees every host of a capture: it ends, and goes, as a whole. Throws NOT_FOUND, FORBIDDEN. */
export async function requireWhole({ ctx, actor, input }: Call<{ id: string }>): Promise<void> {
  const { hosts } = await readCapture({ ctx, actor, input });
  if (scopeOf(actor) === null) return;
  if ((await ctx.db.captureHost.count({ where: { captureId: input.id } })) > hosts.length)
    throw new CodedError("FORBIDDEN", "This capture has hosts that this API token does not see");
}
