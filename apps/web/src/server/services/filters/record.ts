import type { FilterReport } from "@sonde/protocol";
import type { FilterState } from "@sonde/protocol/rest";
import type { VerbCtx } from "../call.ts";

type Db = Pick<VerbCtx, "db">;

/** A host's answer to a set, or its silence. */
export type HostAnswer =
  | { readonly state: "applied"; readonly report: FilterReport }
  | { readonly state: "refused"; readonly code: string; readonly reason: string; readonly log: string | null }
  | { readonly state: "no-answer"; readonly reason: string };

/** A host, the set it is to hold, and what it made of that one: null where it was asked for another, or for none. */
export type Standing = { readonly hostId: string; readonly number: number; readonly state: FilterState | null };

/** Where these hosts stand with the sets they are to hold; those that were never given one are left out. */
export async function standings({ db }: Db, hostIds: readonly string[]): Promise<Standing[]> {
  return db.$queryRaw<Standing[]>`
    SELECT h.id AS "hostId", h.filter_set AS number, s.state FROM host h
      LEFT JOIN host_filter_state s ON s.host_id = h.id AND s.number = h.filter_set
     WHERE h.filter_set > 0 AND h.id = ANY(${[...hostIds]}::uuid[])`;
}

/** Notes that hosts are asked to hold sets; what they answered to earlier ones is forgotten, but not what they hold. */
export async function recordAsked({ db }: Db, asked: readonly Standing[], at: Date): Promise<void> {
  await db.$executeRaw`
    INSERT INTO host_filter_state (host_id, number, state, at)
    SELECT id, number, 'pending', ${at}
      FROM unnest(${asked.map((one) => one.hostId)}::uuid[], ${asked.map((one) => one.number)}::int[]) AS asked (id, number)
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
