import type { LabelSelector } from "@sonde/protocol";
import { filterStateSchema, type FilterHost } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import type { VerbCtx } from "../call.ts";
import { inScope } from "../hosts/in-scope.ts";

/** What every host of a scope made of the set `number`, in order of enrolment. */
export async function hostsOfSet(ctx: VerbCtx & Pick<Ctx, "hub">, number: number, scope: LabelSelector | null): Promise<FilterHost[]> {
  const rows = await ctx.db.host.findMany({
    where: inScope(scope),
    orderBy: [{ enrolledAt: "asc" }, { id: "asc" }],
    select: { id: true, name: true, filterState: true },
  });
  return rows.map(({ id, name, filterState }) => {
    const answer = filterState?.number === number ? filterState : null;
    const asked = number === 0 ? "applied" : filterStateSchema.parse(answer?.state ?? "pending");
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
