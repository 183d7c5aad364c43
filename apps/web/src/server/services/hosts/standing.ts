import type { Ledger } from "@sonde/protocol";
import { ledgerOf } from "../../store/ledger.ts";
import type { VerbCtx } from "../call.ts";

/** What is stored of a host that a page begins to watch; null when there is no such host. */
export async function hostStanding(
  ctx: Pick<VerbCtx, "db">,
  hostId: string,
): Promise<{ lastSeen: Date | null; ledger: Ledger | null } | null> {
  const host = await ctx.db.host.findUnique({
    where: { id: hostId, removedAt: null },
    select: { lastSeen: true, streams: { orderBy: { since: "desc" }, take: 1 } },
  });
  const stream = host?.streams[0];
  return host && { lastSeen: host.lastSeen, ledger: stream ? ledgerOf(stream) : null };
}
