import type { CaptureList } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { actorNames } from "../actor-names.ts";
import { requireReader, scopeOf, type Call, type VerbCtx } from "../call.ts";
import { readCursor, writeCursor } from "../cursor.ts";
import { presentCapture } from "./present.ts";
import { captureSums, seenBy } from "./rows.ts";

/** Captures, the newest first, `limit` a page; `cursor` is the last page's nextCursor. Throws BAD_REQUEST. */
export async function listCaptures({
  ctx,
  actor,
  input,
}: Call<{ cursor: string | null; limit: number }, VerbCtx & Pick<Ctx, "hub">>): Promise<CaptureList> {
  requireReader(actor);
  const after = input.cursor === null ? null : readCursor(input.cursor);
  const seen = await seenBy(ctx, scopeOf(actor));
  const rows = await ctx.db.capture.findMany({
    where: {
      ...(after ? { OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, id: { lt: after.id } }] } : {}),
      ...(seen ? { hosts: { some: { hostId: { in: seen } } } } : {}),
    },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: input.limit + 1,
    include: { filter: { select: { expression: true } } },
  });
  const page = rows.slice(0, input.limit);
  const last = page.at(-1);
  const sums = await captureSums(
    ctx,
    page.map((row) => row.id),
    seen,
  );
  const by = await actorNames(
    ctx,
    page.map((row) => row.createdBy),
  );
  const ofRow = (id: string) => sums.filter((sum) => sum.captureId === id);
  return {
    items: page.map((row) => ({ ...presentCapture(ctx.hub, row, ofRow(row.id)), createdBy: by(row.createdBy) })),
    nextCursor: rows.length > input.limit && last ? writeCursor(last.createdAt, last.id) : null,
  };
}
