import type { CaptureProgress } from "@sonde/protocol";
import type { VerbCtx } from "../call.ts";
import type { HostAnswer } from "../filters/record.ts";

type Db = Pick<VerbCtx, "db">;
const MAX_TAKEN = 2n ** 62n;
/** What a host took arrives within so long after its end, or is not waited for: connected, and away. */
const DRAIN_MS = 30_000;
const DRAIN_AWAY_MS = 10_000;

/** What a host's answer to a set means for the captures in it that it had not begun. Returns these. */
export async function noteAnswer({ db }: Db, hostId: string, set: number, answer: HostAnswer, at: Date): Promise<string[]> {
  if (answer.state === "no-answer") return [];
  const refused = answer.state === "refused" ? answer : null;
  const [startedAt, endedAt] = refused ? [null, at] : [at, null];
  const rows = await db.$queryRaw<{ id: string }[]>`
    UPDATE capture_host ch SET state = ${refused ? "refused" : "running"}, end_reason = ${refused?.code ?? null}, detail = ${refused?.reason ?? null},
           started_at = ${startedAt}::timestamptz, ended_at = ${endedAt}::timestamptz
      FROM filter_set s JOIN capture c ON c.filter_id = ANY(s.filter_ids)
     WHERE s.number = ${set} AND ch.capture_id = c.id AND ch.host_id = ${hostId}::uuid AND ch.state = 'pending'
    RETURNING c.id`;
  return rows.map((row) => row.id);
}

/** What an agent says of a capture (SPEC 10.3). False: nothing that was not known. */
export async function noteProgress({ db }: Db, hostId: string, progress: CaptureProgress, at: Date): Promise<boolean> {
  const { id, ended, snaplen } = progress;
  const packets = BigInt(progress.packets);
  const taken = ended === null ? null : packets < MAX_TAKEN ? packets : MAX_TAKEN;
  const changed = await db.$executeRaw`
    UPDATE capture_host SET snaplen = ${Math.min(snaplen, 65_535)}, taken = COALESCE(${taken}::bigint, taken), end_reason = COALESCE(end_reason, ${ended}),
           started_at = COALESCE(started_at, ${at}), ended_at = COALESCE(ended_at, CASE WHEN ${ended !== null} THEN ${at}::timestamptz END),
           state = CASE WHEN state NOT IN ('pending', 'running') THEN state WHEN ${ended !== null} THEN 'draining' ELSE 'running' END
     WHERE capture_id = ${id}::uuid AND host_id = ${hostId}::uuid AND state <> 'refused'
       AND (snaplen, taken, state) IS DISTINCT FROM (${Math.min(snaplen, 65_535)}::int, COALESCE(${taken}::bigint, taken),
            CASE WHEN state NOT IN ('pending', 'running') THEN state WHEN ${ended !== null} THEN 'draining' ELSE 'running' END)`;
  return changed > 0;
}

/** What a capture that was stopped had in the agent's hands is counted a moment later. */
const STOPPED_MS = 2_000;

/** Hosts that are draining and of which all has come, nothing more is kept, or too long nothing came, have ended. Returns their captures. */
export async function settleDrained({ db }: Db, connected: readonly string[], now: number): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    UPDATE capture_host ch SET state = 'ended' FROM capture c
     WHERE c.id = ch.capture_id AND ch.state = 'draining'
       AND ((ch.packets >= ch.taken AND (ch.end_reason IS DISTINCT FROM 'stopped' OR ch.ended_at < ${new Date(now - STOPPED_MS)}))
            OR c.end_reason IN ('packets', 'bytes') OR ch.ended_at < ${new Date(now - DRAIN_MS)}
            OR (ch.ended_at < ${new Date(now - DRAIN_AWAY_MS)} AND ch.host_id <> ALL(${[...connected]}::uuid[])))
    RETURNING c.id`;
  return [...new Set(rows.map((row) => row.id))];
}
