import type { LabelSelector } from "@sonde/protocol";
import { filterStateSchema, type FilterHost } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import type { VerbCtx } from "../call.ts";
import { inScope } from "../hosts/in-scope.ts";

/** What every host of a scope that a selector takes (null: all) made of the set it is to hold, in order of enrolment. */
export async function hostsOf(
  ctx: VerbCtx & Pick<Ctx, "hub">,
  scope: LabelSelector | null,
  selector: LabelSelector | null,
): Promise<FilterHost[]> {
  const rows = await ctx.db.host.findMany({
    where: { AND: [inScope(scope), inScope(selector)] },
    orderBy: [{ enrolledAt: "asc" }, { id: "asc" }],
    select: { id: true, name: true, filterSet: true, filterState: true },
  });
  return rows.map(({ id, name, filterSet, filterState }) => {
    const answer = filterState?.number === filterSet ? filterState : null;
    const asked = filterSet === 0 ? "applied" : filterStateSchema.parse(answer?.state ?? "pending");
    return {
      hostId: id,
      name,
      state: ctx.hub.connected(id) ? asked : "offline",
      code: answer?.code ?? null,
      reason: answer?.reason ?? null,
      log: answer?.log ?? null,
      nsPerPacket: answer?.nsPerPacket ?? null,
      instructions: answer?.instructions ?? null,
      held: filterState?.held ?? 0,
      at: answer?.at.toISOString() ?? null,
    };
  });
}
