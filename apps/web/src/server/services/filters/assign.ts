import { CodedError, MAX_FILTERS, MAX_SET_INSTRUCTIONS, labelSelectorSchema, labelSources, type Labels } from "@sonde/protocol";
import type { Tx, VerbCtx } from "../call.ts";
import { planSets, type ActiveFilter, type SetChange } from "./plan.ts";

/** A transaction that gives thousands of hosts another set waits for those before it, on a machine that may be busy. */
export const OF_MANY_HOSTS = { timeout: 30_000 };

type By = { readonly at: number; readonly actor: string };

/**
 * Makes the sets that hosts are to hold now, in the transaction that changed filters or captures; one change at a time,
 * so that numbers grow with time. Throws FILTER_LIMIT.
 */
export async function assignSets(tx: Tx, by: By): Promise<void> {
  await tx.$executeRaw`LOCK TABLE filter_set IN EXCLUSIVE MODE`;
  await requireRoom(tx);
  const changes = await readChanges(tx, null);
  const assigned: { id: string; number: number }[] = [];
  for (const { number, filterIds, hostIds } of changes) {
    const made =
      number ??
      (await tx.filterSet.create({ data: { filterIds: [...filterIds], createdBy: by.actor, createdAt: new Date(by.at) } })).number;
    assigned.push(...hostIds.map((id) => ({ id, number: made })));
  }
  if (assigned.length === 0) return;
  // In order of their ids: two that lock many hosts never wait for each other.
  await tx.$executeRaw`
    UPDATE host h SET filter_set = d.number
      FROM (SELECT id, a.number FROM host JOIN unnest(${assigned.map((one) => one.id)}::uuid[], ${assigned.map((one) => one.number)}::int[]) AS a(id, number)
             USING (id) ORDER BY id FOR NO KEY UPDATE OF host) d
     WHERE h.id = d.id`;
}

/** The same after labels changed, or these hosts came: nothing is locked where nothing of them is to change. */
export async function reassignSets({ db }: Pick<VerbCtx, "db">, by: By, hostIds: readonly string[] | null = null): Promise<void> {
  if ((await readChanges(db, hostIds)).length > 0) await db.$transaction((tx) => assignSets(tx, by), OF_MANY_HOSTS);
}

/** As if one host had them all: whatever its labels become, its set is never too large. Throws FILTER_LIMIT. */
async function requireRoom(tx: Tx): Promise<void> {
  const [row] = await tx.$queryRaw<{ filters: number; captures: number; instructions: number }[]>`
    SELECT count(*)::int AS filters, count(c.id)::int AS captures,
           coalesce(sum(jsonb_array_length(f.ethernet) + CASE WHEN jsonb_typeof(f.raw) = 'array' THEN jsonb_array_length(f.raw) ELSE 1 END), 0)::int AS instructions
      FROM filter f LEFT JOIN capture c ON c.filter_id = f.id WHERE f.removed_at IS NULL`;
  const { filters, captures, instructions } = row!;
  if (filters + (captures > 0 ? 1 : 0) > MAX_FILTERS)
    throw new CodedError("FILTER_LIMIT", `At most ${MAX_FILTERS} filters are active at once, with those of captures; take one back first`);
  if (instructions + 2 > MAX_SET_INSTRUCTIONS)
    throw new CodedError(
      "FILTER_LIMIT",
      `All filters together would have ${instructions} instructions, of at most ${MAX_SET_INSTRUCTIONS}`,
    );
}

/** Of all hosts, or of these alone. */
async function readChanges(db: VerbCtx["db"] | Tx, hostIds: readonly string[] | null): Promise<SetChange[]> {
  const active = await readActive(db);
  const all = hostIds === null;
  const some = [...(hostIds ?? [])];
  const keys = [...new Set(active.flatMap((one) => Object.keys(one.selector ?? {})))];
  const hosts = await db.$queryRaw<{ id: string; set: number; labels: Labels | null }[]>`
    SELECT h.id, h.filter_set AS set, l.labels
      FROM host h
      LEFT JOIN (SELECT host_id, jsonb_object_agg(key, value) AS labels
                   FROM (SELECT DISTINCT ON (host_id, key) host_id, key, value FROM host_label
                          WHERE key = ANY(${keys}::text[]) AND (${all} OR host_id = ANY(${some}::uuid[]))
                          ORDER BY host_id, key, array_position(${[...labelSources]}::text[], source)) AS in_force
                  GROUP BY host_id) l ON l.host_id = h.id
     WHERE h.removed_at IS NULL AND (${all} OR h.id = ANY(${some}::uuid[]))`;
  const sets = await db.$queryRaw<{ number: number; filterIds: string[] }[]>`
    SELECT number, filter_ids AS "filterIds" FROM filter_set WHERE number IN (SELECT filter_set FROM host WHERE removed_at IS NULL)`;
  return planSets(
    hosts.map((host) => ({ ...host, labels: host.labels ?? {} })),
    active,
    new Map(sets.map((set) => [set.number, set.filterIds])),
  );
}

async function readActive(db: VerbCtx["db"] | Tx): Promise<ActiveFilter[]> {
  const rows = await db.$queryRaw<{ id: string; selector: unknown; capture: string | null; hosts: string[] | null }[]>`
    SELECT f.id, f.selector, c.id AS capture,
           (SELECT array_agg(ch.host_id) FROM capture_host ch WHERE ch.capture_id = c.id AND ch.state <> 'refused') AS hosts
      FROM filter f LEFT JOIN capture c ON c.filter_id = f.id
     WHERE f.removed_at IS NULL ORDER BY f.created_at, f.id`;
  return rows.map(({ id, selector, capture, hosts }) => ({
    id,
    selector: labelSelectorSchema.nullable().parse(selector),
    captured: capture === null ? null : new Set(hosts ?? []),
  }));
}
