import type { LabelSelector } from "@sonde/protocol";
import type { SqlParams } from "./params.ts";

/** The value that counts of a host's label: hand before token before agent. `host` is SQL of the host's id, `key` a parameter. */
export function effectiveLabel(host: string, key: string): string {
  return `(SELECT l.value FROM host_label l WHERE l.host_id = ${host} AND l.key = ${key} ORDER BY array_position(ARRAY['hand', 'token', 'agent'], l.source) LIMIT 1)`;
}

/** True of the rows of `host` (alias h) that have one of the selector's values of each of its keys. */
function selects(selector: LabelSelector, params: SqlParams): string {
  const keys = Object.entries(selector).map(
    ([key, values]) => `${effectiveLabel("h.id", params.add(key))} = ANY(${params.add(values)}::text[])`,
  );
  return keys.join(" AND ") || "true";
}

/** A condition on flow rows (alias f): of hosts in the scope. The planner knows the hosts' numbers before it opens an index. */
export function flowsInScope(scope: LabelSelector | null, params: SqlParams): string {
  return scope === null ? "true" : `f.host = ANY(ARRAY(SELECT h.number FROM host h WHERE ${selects(scope, params)}))`;
}

/** Which hosts a series or ledger is of: all of these conditions, of which null is none. */
export type HostSet = {
  readonly ids: readonly string[] | null;
  readonly labels: LabelSelector | null;
  readonly scope: LabelSelector | null;
};

/** A condition on rows of `host` (alias h). */
export function hostsIn({ ids, labels, scope }: HostSet, params: SqlParams): string {
  const conditions = [
    ids === null ? [] : `h.id = ANY(${params.add(ids)}::uuid[])`,
    labels === null ? [] : selects(labels, params),
    scope === null ? [] : selects(scope, params),
  ];
  return conditions.flat().join(" AND ") || "true";
}
