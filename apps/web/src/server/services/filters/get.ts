import { CodedError } from "@sonde/protocol";
import type { FilterDetail } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { requireReader, scopeOf, type Call, type VerbCtx } from "../call.ts";
import { countedBy } from "./counted.ts";
import { hostsOfSet } from "./hosts.ts";
import { presentFilter } from "./present.ts";
import { presentSet } from "./sets.ts";

/** One active filter, and what every host made of the set it is in. Throws NOT_FOUND. */
export async function getFilter({ ctx, actor, input }: Call<{ id: string }, VerbCtx & Pick<Ctx, "hub">>): Promise<FilterDetail> {
  requireReader(actor);
  const scope = scopeOf(actor);
  const set = await presentSet(ctx.db);
  const filter = set.filters.find((one) => one.id === input.id);
  if (!filter) throw new CodedError("NOT_FOUND", "No such active filter");
  const counted = await countedBy(ctx, [filter.id], scope);
  return { ...presentFilter(filter, counted(filter.id)), set: set.number, hosts: await hostsOfSet(ctx, set.number, scope) };
}
