import type { AgentHello, AgentInterface, BatchKindName } from "@sonde/protocol";
import type pg from "pg";

/** The last committed sequence per kind; 0 when none. */
export type Committed = Readonly<Record<BatchKindName, bigint>>;
/** The column of agent_stream that holds it. */
export const sequenceColumns = {
  records: "records_seq",
  counters: "counters_seq",
  flows: "flows_seq",
  filterCounters: "filter_counters_seq",
} as const satisfies Record<BatchKindName, string>;
export type SequenceRow = Record<(typeof sequenceColumns)[BatchKindName], string>;

export function committedOf(row: SequenceRow): Committed {
  return {
    records: BigInt(row.records_seq),
    counters: BigInt(row.counters_seq),
    flows: BigInt(row.flows_seq),
    filterCounters: BigInt(row.filter_counters_seq),
  };
}

export function streamKey(of: { readonly hostId: string; readonly bootId: string; readonly stream: bigint }): string {
  return `${of.hostId}/${of.bootId}/${of.stream}`;
}

/** What the hub knows of a stream when it opens: where it continues, and its host's number in the series. */
export type OpenedStream = { readonly committed: Committed; readonly hostNumber: number };

/** One statement: a whole fleet says hello at once when the hub comes back. */
const OPEN_STREAM = `WITH h AS (
    UPDATE host SET passport = $2, kernel = $3, os = $4, agent_version = $5, last_seen = $6::timestamptz WHERE id = $1 RETURNING id, number
  ), s AS (
    INSERT INTO agent_stream (host_id, boot_id, stream, since, updated_at) SELECT id, $7::uuid, $8::bigint, $6::timestamptz, $6::timestamptz FROM h
    ON CONFLICT (host_id, boot_id, stream) DO UPDATE SET updated_at = EXCLUDED.updated_at
    RETURNING ${Object.values(sequenceColumns).join(", ")}
  ) SELECT s.*, h.number FROM s, h`;

/** Notes an agent run and what its host is, and returns the last committed sequence per kind (SPEC 3.2). */
export async function openStream(pool: pg.Pool, hostId: string, hello: AgentHello, now: Date): Promise<OpenedStream> {
  const { passport } = hello;
  const stream = BigInt.asIntN(64, BigInt(hello.stream)).toString();
  const { rows } = await pool.query<SequenceRow & { number: number }>({
    name: "open-stream",
    text: OPEN_STREAM,
    values: [hostId, JSON.stringify(passport), passport.kernel, passport.os, passport.agentVersion, now, hello.bootId, stream],
  });
  const row = rows[0];
  if (!row) throw new Error("the host that said hello is not there");
  return { committed: committedOf(row), hostNumber: row.number };
}

const SAVE_INTERFACES = `INSERT INTO interface (host_id, name, ifindex, kind, mac, mtu, up, hook, reason, addresses, present)
  SELECT $1, i.name, ifindex, kind, mac, mtu, up, hook, reason, ARRAY(SELECT jsonb_array_elements_text(i.addresses)), true
    FROM unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::int[], $7::bool[], $8::text[], $9::text[], $10::jsonb[])
    AS i(name, ifindex, kind, mac, mtu, up, hook, reason, addresses)
  ON CONFLICT (host_id, name) DO UPDATE SET ifindex = EXCLUDED.ifindex, kind = EXCLUDED.kind, mac = EXCLUDED.mac,
    mtu = EXCLUDED.mtu, up = EXCLUDED.up, hook = EXCLUDED.hook, reason = EXCLUDED.reason,
    addresses = EXCLUDED.addresses, present = true
  RETURNING id, ifindex`;

/** Stores what a host announced; interfaces that it no longer names stay, marked absent. Returns ids by ifindex. Names must be unique. */
export async function saveInterfaces(pool: pg.Pool, hostId: string, list: readonly AgentInterface[]): Promise<Map<number, number>> {
  const names = list.map((one) => one.name);
  await pool.query("UPDATE interface SET present = false WHERE host_id = $1 AND present AND name <> ALL($2::text[])", [hostId, names]);
  const { rows } = await pool.query<{ id: number; ifindex: number }>(SAVE_INTERFACES, [
    hostId,
    names,
    list.map((one) => one.ifindex),
    list.map((one) => one.kind),
    list.map((one) => one.mac),
    list.map((one) => one.mtu),
    list.map((one) => one.up),
    list.map((one) => one.hook),
    list.map((one) => one.reason ?? null),
    list.map((one) => JSON.stringify(one.addresses ?? [])),
  ]);
  return new Map(rows.map((row) => [row.ifindex, row.id]));
}

/** Writes when hosts were last heard from. */
export async function saveLastSeen(pool: pg.Pool, seen: ReadonlyMap<string, number>): Promise<void> {
  if (seen.size === 0) return;
  await pool.query("UPDATE host h SET last_seen = s.at FROM unnest($1::uuid[], $2::timestamptz[]) AS s(id, at) WHERE h.id = s.id", [
    [...seen.keys()],
    [...seen.values()].map((at) => new Date(at)),
  ]);
}
