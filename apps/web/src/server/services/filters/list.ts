import type { FilterList } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { requireReader, scopeOf, type Call, type VerbCtx } from "../call.ts";
import { countedBy } from "./counted.ts";
import { hostsOf } from "./hosts.ts";
import { presentFilter } from "./present.ts";
import { activeFilters, newestSet } from "./sets.ts";

/** The active filters in order of creation, and what every host made of those that are for it. */
export async function listFilters({ ctx, actor }: Call<null, VerbCtx & Pick<Ctx, "hub">>): Promise<FilterList> {
  requireReader(actor);
  const scope = scopeOf(actor);
  const filters = await activeFilters(ctx.db);
  const counted = await countedBy(
    ctx,
    filters.map((filter) => filter.id),
    scope,
  );
  const items = filters.map((filter) => presentFilter(filter, counted(filter.id)));
  return { set: await newestSet(ctx.db), items, hosts: await hostsOf(ctx, scope, null) };
}
