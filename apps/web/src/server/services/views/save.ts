import type { CreateViewRequest, View } from "@sonde/protocol/rest";
import { CodedError } from "@sonde/protocol";
import { actorName, requireFleetWriter, type Call } from "../call.ts";
import { presentView } from "./present.ts";

const MAX_VIEWS = 1000;

/** Saves a view, in place of one of the same screen and name. Throws TOO_MANY. */
export async function saveView({ ctx, actor, input }: Call<CreateViewRequest>): Promise<View> {
  requireFleetWriter(actor);
  const { screen, name, query } = input;
  const by = { createdBy: actorName(actor), createdAt: new Date(ctx.clock.now()) };
  const row = await ctx.db.$transaction(async (tx) => {
    const others = await tx.savedView.count({ where: { NOT: { screen, name } } });
    if (others >= MAX_VIEWS) throw new CodedError("TOO_MANY", `At most ${MAX_VIEWS} views are saved; delete one first`);
    return tx.savedView.upsert({
      where: { screen_name: { screen, name } },
      create: { screen, name, query, ...by },
      update: { query, ...by },
    });
  });
  const view = presentView(row);
  if (view === null) throw new CodedError("INTERNAL");
  return view;
}
