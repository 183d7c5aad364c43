import type { Measure, Sums } from "@sonde/protocol/rest";
import type pg from "pg";
import { ANSWER_MS, flowsWhere, planAsk, type FlowAsk } from "./ask.ts";
import { groupedSql, keyTexts, shownKey } from "./grouped.ts";
import { groupKeys } from "./group-keys.ts";
import { SqlParams } from "./params.ts";
import { runQuery } from "./run.ts";

export type TopAsk = FlowAsk & { readonly by: readonly string[]; readonly measure: Measure; readonly n: number };
export type Group = Sums & { readonly key: (string | null)[] };
export type Top = { readonly items: Group[]; readonly groups: number; readonly total: Sums };

type Row = Sums & { key: (string | null)[] | null; groups: string; all_flows: string; all_packets: string; all_bytes: string };

/** The groups that carry most, largest first. Throws QUERY_FIELD, QUERY_LIMIT, BUSY. */
export async function topFlows(pool: pg.Pool, ask: TopAsk): Promise<Top> {
  const keys = groupKeys(ask.by);
  const params = new SqlParams();
  const segments = await planAsk(pool, ask, keys, null);
  const grouped = groupedSql({ segments, keys, where: flowsWhere(ask, params), bin: null, params });
  const order = [`${ask.measure} DESC`, ...keys.map((_, i) => `k${i}`)].join(", ");
  const text = `WITH g AS MATERIALIZED (${grouped}),
    t AS (SELECT count(*) AS groups, coalesce(sum(flows), 0) AS all_flows, coalesce(sum(packets), 0) AS all_packets, coalesce(sum(bytes), 0) AS all_bytes FROM g),
    x AS (SELECT * FROM g ORDER BY ${order} LIMIT ${params.add(ask.n)}::int)
    SELECT ${keyTexts(keys, "x")} AS key, x.flows, x.packets, x.bytes, t.* FROM t LEFT JOIN x ON true ORDER BY ${order}`;
  const rows = await runQuery<Row>(pool, { text, values: params.values, timeoutMs: ANSWER_MS });
  const first = rows[0];
  return {
    items: rows.flatMap(({ key, flows, packets, bytes }) =>
      flows === null || key === null ? [] : [{ key: shownKey(keys, key), flows, packets, bytes }],
    ),
    groups: Number(first?.groups ?? 0),
    total: { flows: first?.all_flows ?? "0", packets: first?.all_packets ?? "0", bytes: first?.all_bytes ?? "0" },
  };
}
