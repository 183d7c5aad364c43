import type { FilterReport } from "@sonde/protocol";
import type { FilterState } from "@sonde/protocol/rest";
import type { VerbCtx } from "../call.ts";

type Db = Pick<VerbCtx, "db">;

/** A host's answer to a set, or its silence. */
export type HostAnswer =
  | { readonly state: "applied"; readonly report: FilterReport }
  | { readonly state: "refused"; readonly code: string; readonly reason: string; readonly log: string | null }
  | { readonly state: "no-answer"; readonly reason: string };

/** Notes that these hosts are asked to hold a set; what they answered to an earlier one is forgotten, but not what they hold. */
export async function recordAsked({ db }: Db, hostIds: readonly string[], number: number, at: Date): Promise<void> {
  await db.$executeRaw`
    INSERT INTO host_filter_state (host_id, number, state, at)
    SELECT id, ${number}, 'pending', ${at} FROM unnest(${[...hostIds]}::uuid[]) AS asked (id)
    ON CONFLICT (host_id) DO UPDATE SET number = excluded.number, state = excluded.state, at = excluded.at,
      code = NULL, reason = NULL, log = NULL, ns_per_packet = NULL, instructions = NULL`;
}

/** Stores what a host answered, unless it was asked for another set since. */
export async function recordAnswer({ db }: Db, hostId: string, number: number, answer: HostAnswer, at: Date): Promise<void> {
  const data =
    answer.state === "applied"
      ? {
          held: number,
          nsPerPacket: answer.report.nsPerPacket,
          instructions: Math.max(0, ...answer.report.contexts.map((one) => one.instructions)),
        }
      : answer.state === "refused"
        ? { code: answer.code, reason: answer.reason, log: answer.log }
        : { reason: answer.reason };
  await db.hostFilterState.updateMany({ where: { hostId, number }, data: { state: answer.state, at, ...data } });
}

/** Which of these hosts have not settled on a set: never asked for it, not answered yet, or silent. A refusal is settled. */
export async function unsettled({ db }: Db, hostIds: readonly string[], number: number): Promise<string[]> {
  const settled: FilterState[] = ["applied", "refused"];
  const rows = await db.hostFilterState.findMany({
    where: { hostId: { in: [...hostIds] }, number, state: { in: settled } },
    select: { hostId: true },
  });
  const done = new Set(rows.map((row) => row.hostId));
  return hostIds.filter((id) => !done.has(id));
}

/** True when the host holds the set and has said so. */
export async function holds({ db }: Db, hostId: string, number: number): Promise<boolean> {
  return (await db.hostFilterState.count({ where: { hostId, number, state: "applied" } })) === 1;
}
