import type { HostList } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { requireReader, scopeOf, type Call, type VerbCtx } from "../call.ts";
import { readCursor, writeCursor } from "../cursor.ts";
import { inScope } from "./in-scope.ts";
import { presentHost } from "./present.ts";

/** Hosts in order of enrolment, `limit` a page; `cursor` is the last page's nextCursor. Throws BAD_REQUEST. */
export async function listHosts({
  ctx,
  actor,
  input,
}: Call<{ cursor: string | null; limit: number }, VerbCtx & Pick<Ctx, "hub">>): Promise<HostList> {
  requireReader(actor);
  const after = input.cursor === null ? null : readCursor(input.cursor);
  const rows = await ctx.db.host.findMany({
    where: {
      ...inScope(scopeOf(actor)),
      ...(after ? { OR: [{ enrolledAt: { gt: after.at } }, { enrolledAt: after.at, id: { gt: after.id } }] } : {}),
    },
    orderBy: [{ enrolledAt: "asc" }, { id: "asc" }],
    take: input.limit + 1,
    include: { labels: true, _count: { select: { interfaces: { where: { present: true } } } } },
  });
  const page = rows.slice(0, input.limit);
  const last = page.at(-1);
  return {
    items: page.map((row) => presentHost(ctx.hub, row, row._count.interfaces)),
    nextCursor: rows.length > input.limit && last ? writeCursor(last.enrolledAt, last.id) : null,
  };
}
