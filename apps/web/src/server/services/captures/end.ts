import type { CaptureEnd } from "@sonde/protocol/rest";
import type { VerbCtx } from "../call.ts";
import { OF_MANY_HOSTS, assignSets } from "../filters/assign.ts";

type Db = Pick<VerbCtx, "db">;

/** Ends a capture that runs: from here on only what its hosts have taken already comes to it. False: it had ended. */
export async function endCapture({ db }: Db, id: string, reason: CaptureEnd, at: Date): Promise<boolean> {
  const { count } = await db.capture.updateMany({ where: { id, endedAt: null }, data: { endedAt: at, endReason: reason } });
  return count === 1;
}

/**
 * Takes an ended capture's filter out of the sets of its hosts. Those that never took it have ended, the others are
 * draining. `connected`: hosts that are, to tell who was away from who did not answer. False: it was taken back before.
 */
export async function takeBack({ db }: Db, id: string, connected: readonly string[], at: Date): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.filter.updateMany({ where: { removedAt: null, capture: { id } }, data: { removedAt: at } });
    if (count === 0) return false;
    await tx.$executeRaw`
      UPDATE capture_host SET ended_at = COALESCE(ended_at, ${at}), state = CASE state WHEN 'pending' THEN 'ended' ELSE 'draining' END,
             end_reason = CASE WHEN state <> 'pending' THEN end_reason WHEN host_id = ANY(${[...connected]}::uuid[]) THEN 'no-answer' ELSE 'offline' END
       WHERE capture_id = ${id}::uuid AND state IN ('pending', 'running')`;
    await assignSets(tx, { at: at.getTime(), actor: "hub" });
    return true;
  }, OF_MANY_HOSTS);
}
