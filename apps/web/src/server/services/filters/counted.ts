import type { LabelSelector } from "@sonde/protocol";
import type { FilterCounts } from "@sonde/protocol/rest";
import type { VerbCtx } from "../call.ts";
import { inScope } from "../hosts/in-scope.ts";

const none: FilterCounts = { matched: "0", sampledOut: "0", lostRing: "0", noReader: "0", delivered: "0" };

/** What filters took on all hosts of a scope, removed ones too where it is all, in whichever sets they were, by their ids. */
export async function countedBy(ctx: VerbCtx, ids: readonly string[], scope: LabelSelector | null): Promise<(id: string) => FilterCounts> {
  const seen = scope && (await ctx.db.host.findMany({ where: inScope(scope), select: { id: true } })).map((host) => host.id);
  const rows = await ctx.db.$queryRaw<({ id: string } & FilterCounts)[]>`
    SELECT f.id, sum(t.matched)::text AS matched, sum(t.sampled_out)::text AS "sampledOut", sum(t.ring_lost)::text AS "lostRing",
           sum(t.no_reader)::text AS "noReader", sum(t.delivered)::text AS delivered
      FROM filter_set s
     CROSS JOIN unnest(s.filter_ids) WITH ORDINALITY AS f(id, position)
      JOIN filter_total t ON t.filter_set = s.number AND t.bit = f.position - 1
     WHERE f.id = ANY(${ids}::uuid[]) AND (${seen === null} OR t.host_id = ANY(${seen ?? []}::uuid[]))
     GROUP BY f.id`;
  const byId = new Map(rows.map(({ id, ...counts }) => [id, counts]));
  return (id) => byId.get(id) ?? none;
}
