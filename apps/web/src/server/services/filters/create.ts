import { randomUUID } from "node:crypto";
import type { LabelSelector } from "@sonde/protocol";
import type { FilterDetail } from "@sonde/protocol/rest";
import { Prisma } from "../../../../../../prisma/generated/client.ts";
import type { Ctx } from "../../context.ts";
import { actorName, audit, requireFleetWriter, type Call, type VerbCtx } from "../call.ts";
import { OF_MANY_HOSTS, assignSets } from "./assign.ts";
import { compileOrThrow } from "./compile.ts";
import { getFilter } from "./get.ts";

type CreateCtx = VerbCtx & Pick<Ctx, "hub" | "compileFilter">;
export type NewFilter = {
  readonly expression: string;
  readonly sampleN: number;
  readonly snaplen: number;
  readonly selector: LabelSelector | null;
};

/**
 * Compiles an expression, adds it to the filters of the hosts it is for, and pushes their new sets. Returns when each that
 * is connected has answered or been silent too long. Throws FILTER_EXPRESSION with the place, FILTER_LIMIT, BUSY.
 */
export async function createFilter({ ctx, actor, input }: Call<NewFilter, CreateCtx>): Promise<FilterDetail> {
  requireFleetWriter(actor);
  const { ethernet, raw } = await compileOrThrow(ctx, input.expression);
  const at = ctx.clock.now();
  const by = actorName(actor);
  const filter = { id: randomUUID(), ...input, createdBy: by, createdAt: new Date(at) };
  await ctx.db.$transaction(async (tx) => {
    await tx.filter.create({ data: { ...filter, ethernet, raw: raw ?? Prisma.DbNull, selector: filter.selector ?? Prisma.DbNull } });
    await assignSets(tx, { at, actor: by });
    await audit(tx, { at, actor: by, action: "filter.create", target: filter.id, detail: { ...input } });
  }, OF_MANY_HOSTS);
  await ctx.hub.pushFilters();
  return getFilter({ ctx, actor, input: { id: filter.id } });
}
