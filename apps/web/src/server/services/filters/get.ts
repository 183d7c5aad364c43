import { CodedError, labelSelectorSchema } from "@sonde/protocol";
import type { FilterDetail } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { requireReader, scopeOf, type Call, type VerbCtx } from "../call.ts";
import { countedBy } from "./counted.ts";
import { hostsOf } from "./hosts.ts";
import { presentFilter } from "./present.ts";
import { activeFilters, newestSet } from "./sets.ts";

/** One active filter, and what every host that its selector takes made of the set it is in. Throws NOT_FOUND. */
export async function getFilter({ ctx, actor, input }: Call<{ id: string }, VerbCtx & Pick<Ctx, "hub">>): Promise<FilterDetail> {
  requireReader(actor);
  const scope = scopeOf(actor);
  const filter = (await activeFilters(ctx.db)).find((one) => one.id === input.id);
  if (!filter) throw new CodedError("NOT_FOUND", "No such active filter");
  const counted = await countedBy(ctx, [filter.id], scope);
  const hosts = await hostsOf(ctx, scope, labelSelectorSchema.nullable().parse(filter.selector));
  return { ...presentFilter(filter, counted(filter.id)), set: await newestSet(ctx.db), hosts };
}
