import type { LabelSelector } from "@sonde/protocol";
import { Prisma } from "../../../../../../prisma/generated/client.ts";
import type { FilePart } from "../../../domain/captureFile/about.ts";
import type { VerbCtx } from "../call.ts";
import { inScope } from "../hosts/in-scope.ts";

/** A host's part in a capture, with what the capture's filter counted there. */
export type CaptureHostRow = FilePart & {
  readonly captureId: string;
  readonly state: string;
  readonly endReason: string | null;
  readonly detail: string | null;
  readonly bytes: bigint;
};

/**
 * What was taken and is not in the file: lost before the agent, and, once all has come, what it took beyond what came.
 * What is beyond the capture's own limits is not lost.
 */
const LOST = Prisma.sql`t.ring_lost + t.no_reader + CASE
    WHEN ch.state = 'ended' AND c.end_reason NOT IN ('packets', 'bytes') THEN GREATEST(0, COALESCE(ch.taken, t.delivered) - ch.packets)
    ELSE 0 END`;

/** Rows `ch` of capture_host with `c`, `h` and the totals `t` of the capture's filter, of hosts that are seen (null: all). */
const joined = (ids: readonly string[], seen: readonly string[] | null): Prisma.Sql => Prisma.sql`
  capture c JOIN capture_host ch ON ch.capture_id = c.id JOIN host h ON h.id = ch.host_id
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(t.matched), 0)::bigint AS matched, coalesce(sum(t.sampled_out), 0)::bigint AS sampled_out,
           coalesce(sum(t.ring_lost), 0)::bigint AS ring_lost, coalesce(sum(t.no_reader), 0)::bigint AS no_reader,
           coalesce(sum(t.delivered), 0)::bigint AS delivered
      FROM bits b JOIN filter_total t ON t.host_id = ch.host_id AND t.filter_set = b.number AND t.bit = b.bit
     WHERE b.filter_id = c.filter_id) t
  WHERE c.id = ANY(${[...ids]}::uuid[]) AND (${seen === null} OR ch.host_id = ANY(${[...(seen ?? [])]}::uuid[]))`;

/** Where the captures' filters are in which sets. */
const bits = (ids: readonly string[]): Prisma.Sql => Prisma.sql`
  WITH bits AS MATERIALIZED (
    SELECT f.id AS filter_id, s.number, f.position - 1 AS bit
      FROM filter_set s CROSS JOIN unnest(s.filter_ids) WITH ORDINALITY AS f(id, position)
     WHERE s.filter_ids && ARRAY(SELECT filter_id FROM capture WHERE id = ANY(${[...ids]}::uuid[]))
       AND f.id = ANY(ARRAY(SELECT filter_id FROM capture WHERE id = ANY(${[...ids]}::uuid[]))))`;

/** The ids of a scope's hosts, with those that were taken off the list where it is all; null: all. */
export async function seenBy({ db }: Pick<VerbCtx, "db">, scope: LabelSelector | null): Promise<string[] | null> {
  return scope && (await db.host.findMany({ where: inScope(scope), select: { id: true } })).map((host) => host.id);
}

/** Every host of a capture that is seen, by name. */
export async function captureHosts({ db }: Pick<VerbCtx, "db">, id: string, seen: readonly string[] | null): Promise<CaptureHostRow[]> {
  return db.$queryRaw<CaptureHostRow[]>`${bits([id])}
    SELECT ch.capture_id AS "captureId", ch.host_id AS "hostId", h.name, ch.state, ch.end_reason AS "endReason", ch.detail, ch.snaplen,
           ch.sample_n AS "sampleN", ch.clock_offset_ns AS "clockOffsetNs", ch.clock_error_ns AS "clockErrorNs",
           ch.started_at AS "startedAt", ch.ended_at AS "endedAt", ch.packets, ch.bytes, t.matched, t.sampled_out AS "sampledOut", ${LOST} AS lost
      FROM ${joined([id], seen)} ORDER BY h.name, h.id`;
}

export type CaptureSum = {
  readonly captureId: string;
  readonly state: string;
  readonly hosts: number;
  readonly packets: bigint;
  readonly bytes: bigint;
  readonly lost: bigint;
  /** Of hosts that are pending. */
  readonly hostIds: readonly string[] | null;
};

/** The same of many captures, summed by the state of their hosts. */
export async function captureSums(
  { db }: Pick<VerbCtx, "db">,
  ids: readonly string[],
  seen: readonly string[] | null,
): Promise<CaptureSum[]> {
  return db.$queryRaw<CaptureSum[]>`${bits(ids)}
    SELECT ch.capture_id AS "captureId", ch.state, count(*)::int AS hosts, sum(ch.packets)::bigint AS packets, sum(ch.bytes)::bigint AS bytes,
           sum(${LOST})::bigint AS lost, CASE WHEN ch.state = 'pending' THEN array_agg(ch.host_id) END AS "hostIds"
      FROM ${joined(ids, seen)} GROUP BY ch.capture_id, ch.state`;
}
