import type { FilterList } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { requireReader, scopeOf, type Call, type VerbCtx } from "../call.ts";
import { countedBy } from "./counted.ts";
import { hostsOfSet } from "./hosts.ts";
import { presentFilter } from "./present.ts";
import { presentSet } from "./sets.ts";

/** The active filters, in the order of their bits, and what every host made of them. */
export async function listFilters({ ctx, actor }: Call<null, VerbCtx & Pick<Ctx, "hub">>): Promise<FilterList> {
  requireReader(actor);
  const scope = scopeOf(actor);
  const set = await presentSet(ctx.db);
  const counted = await countedBy(
    ctx,
    set.filters.map((filter) => filter.id),
    scope,
  );
  const items = set.filters.map((filter) => presentFilter(filter, counted(filter.id)));
  return { set: set.number, items, hosts: await hostsOfSet(ctx, set.number, scope) };
}
