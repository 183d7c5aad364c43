import type { AgentHello, AgentInterface, AgentResume, BatchKindName } from "@sonde/protocol";
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

type PositionRow = SequenceRow & { readonly number: number };

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
  const { rows } = await pool.query<PositionRow>({
    name: "open-stream",
    text: OPEN_STREAM,
    values: [hostId, JSON.stringify(passport), passport.kernel, passport.os, passport.agentVersion, now, hello.bootId, stream],
  });
  return positionIn(rows);
}

/**
 * The same for an earlier run whose agent comes back with what it kept (SPEC 4.9). The hub may never have heard of it:
 * then it began when that agent read its clocks, but before the run that is there now, `before`.
 */
export async function resumeStream(pool: pg.Pool, hostId: string, resumed: AgentResume, before: Date): Promise<OpenedStream> {
  const stream = BigInt.asIntN(64, BigInt(resumed.stream)).toString();
  const began = Math.max(0, Math.min(Number(BigInt(resumed.wallNs) / 1_000_000n), before.getTime() - 1));
  await pool.query(
    "INSERT INTO agent_stream (host_id, boot_id, stream, since, updated_at) VALUES ($1, $2, $3, $4, $4) ON CONFLICT DO NOTHING",
    [hostId, resumed.bootId, stream, new Date(began)],
  );
  return positionOf(pool, { hostId, bootId: resumed.bootId, stream });
}

async function positionOf(pool: pg.Pool, of: { hostId: string; bootId: string; stream: string }): Promise<OpenedStream> {
  const { rows } = await pool.query<PositionRow>(
    `SELECT ${Object.values(sequenceColumns).join(", ")}, h.number FROM agent_stream s JOIN host h ON h.id = s.host_id
     WHERE s.host_id = $1 AND boot_id = $2 AND stream = $3`,
    [of.hostId, of.bootId, of.stream],
  );
  return positionIn(rows);
}

function positionIn([row]: readonly PositionRow[]): OpenedStream {
  if (!row) throw new Error("the host whose stream was opened is not there");
  return { committed: committedOf(row), hostNumber: row.number };
}

/**
 * Ids by index of interfaces that an earlier run named (SPEC 4.9). One that is not known yet is noted as absent; those
 * that are stay as the host announced them last. Names must be unique.
 */
export async function noteInterfaces(pool: pg.Pool, hostId: string, list: readonly AgentInterface[]): Promise<Map<number, number>> {
  await pool.query(
    `INSERT INTO interface (host_id, name, ifindex, kind, mac, mtu, up, hook, present)
     SELECT $1, i.*, false, 'none', false FROM unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::int[]) AS i(name, ifindex, kind, mac, mtu)
     ON CONFLICT (host_id, name) DO NOTHING`,
    [
      hostId,
      list.map((one) => one.name),
      list.map((one) => one.ifindex),
      list.map((one) => one.kind),
      list.map((one) => one.mac),
      list.map((one) => one.mtu),
    ],
  );
  const { rows } = await pool.query<{ id: number; name: string }>("SELECT id, name FROM interface WHERE host_id = $1 AND name = ANY($2)", [
    hostId,
    list.map((one) => one.name),
  ]);
  const ids = new Map(rows.map((row) => [row.name, row.id]));
  return new Map(list.flatMap(({ name, ifindex }) => (ids.has(name) ? [[ifindex, ids.get(name)!] as const] : [])));
}

const MARK_ABSENT = "UPDATE interface SET present = false WHERE host_id = $1 AND present AND name <> ALL($2::text[])";
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
  await pool.query({ name: "absent-interfaces", text: MARK_ABSENT, values: [hostId, names] });
  const values = [
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
  ];
  const { rows } = await pool.query<{ id: number; ifindex: number }>({ name: "save-interfaces", text: SAVE_INTERFACES, values });
  return new Map(rows.map((row) => [row.ifindex, row.id]));
}

/** In order of their ids: two that lock many hosts never wait for each other. */
const SAVE_LAST_SEEN = `UPDATE host h SET last_seen = s.at
  FROM (SELECT id, seen.at FROM host JOIN unnest($1::uuid[], $2::timestamptz[]) AS seen(id, at) USING (id) ORDER BY id FOR NO KEY UPDATE OF host) s
  WHERE h.id = s.id`;

/** Writes when hosts were last heard from. */
export async function saveLastSeen(pool: pg.Pool, seen: ReadonlyMap<string, number>): Promise<void> {
  if (seen.size === 0) return;
  await pool.query(SAVE_LAST_SEEN, [[...seen.keys()], [...seen.values()].map((at) => new Date(at))]);
}
