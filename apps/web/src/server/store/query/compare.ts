import type { FlowCompare, Measure } from "@sonde/protocol/rest";
import type pg from "pg";
import { ANSWER_MS, flowsWhere, planAsk, type FlowAsk } from "./ask.ts";
import { groupedSql, keyTexts, shownKey } from "./grouped.ts";
import { groupKeys } from "./group-keys.ts";
import { SqlParams } from "./params.ts";
import { runQuery } from "./run.ts";
import type { Segment } from "./segments.ts";

/** `from` and `to` are the window asked about, `before` the one it is compared with; they may overlap. */
export type CompareAsk = FlowAsk & {
  readonly before: { readonly from: number; readonly to: number };
  readonly by: readonly string[];
  readonly measure: Measure;
  readonly n: number;
  readonly factor: number;
};
export type Comparison = Pick<FlowCompare, "items" | "counts">;
type Change = FlowCompare["items"][number]["change"];

/** The counts are the same in every row; `change` is null in the only one when nothing changed. */
type Row = { key: (string | null)[]; change: Change | null; before: string; now: string; ratio: number | null } & Record<
  Change | "same",
  string
>;

/** Groups that are in one window alone, or whose rate differs `factor` times; largest difference first. Throws QUERY_FIELD, QUERY_LIMIT, BUSY. */
export async function compareFlows(pool: pg.Pool, ask: CompareAsk): Promise<Comparison> {
  const keys = groupKeys(ask.by);
  const params = new SqlParams();
  const now = await planAsk(pool, ask, keys, null);
  const before = await planAsk(pool, { ...ask, ...ask.before }, keys, null);
  const windows = new Map<Segment, number>([...before.map((one) => [one, 0] as const), ...now.map((one) => [one, 1] as const)]);
  const bin = (segment: Segment): string => String(windows.get(segment) ?? 0);
  const grouped = groupedSql({ segments: [...windows.keys()], keys, where: flowsWhere(ask, params), bin, params });
  const seconds = ({ from, to }: { from: number; to: number }): string => `${params.add((to - from) / 1000)}::float8`;
  const names = keys.map((_, i) => `k${i}`).join(", ");
  const factor = `${params.add(ask.factor)}::float8`;
  const text = `WITH g AS (SELECT ${names}, coalesce(sum(${ask.measure}) FILTER (WHERE bin = 0), 0)::bigint AS before,
      coalesce(sum(${ask.measure}) FILTER (WHERE bin = 1), 0)::bigint AS now FROM (${grouped}) g GROUP BY ${names}),
    r AS (SELECT *, before / ${seconds(ask.before)} AS rate_before, now / ${seconds(ask)} AS rate_now FROM g),
    c AS MATERIALIZED (SELECT *, CASE WHEN before = 0 THEN 'new' WHEN now = 0 THEN 'gone'
      WHEN rate_now <> rate_before AND (rate_now >= rate_before * ${factor} OR rate_now * ${factor} <= rate_before) THEN 'changed' ELSE 'same' END AS change FROM r),
    x AS (SELECT * FROM c WHERE change <> 'same' ORDER BY abs(rate_now - rate_before) DESC, ${names} LIMIT ${params.add(ask.n)}::int),
    t AS (SELECT count(*) FILTER (WHERE change = 'new') AS new, count(*) FILTER (WHERE change = 'gone') AS gone,
      count(*) FILTER (WHERE change = 'changed') AS changed, count(*) FILTER (WHERE change = 'same') AS same FROM c)
    SELECT ${keyTexts(keys, "x")} AS key, x.change, x.before, x.now, x.rate_now / nullif(x.rate_before, 0) AS ratio, t.*
    FROM t LEFT JOIN x ON true ORDER BY abs(x.rate_now - x.rate_before) DESC, ${names}`;
  const rows = await runQuery<Row>(pool, { text, values: params.values, timeoutMs: ANSWER_MS });
  const [first] = rows;
  const counts = {
    new: Number(first?.new ?? 0),
    gone: Number(first?.gone ?? 0),
    changed: Number(first?.changed ?? 0),
    same: Number(first?.same ?? 0),
  };
  const items = rows.flatMap(({ change, key, before: was, now: is, ratio }) =>
    change === null ? [] : [{ key: shownKey(keys, key), change, before: was, now: is, ratio }],
  );
  return { items, counts };
}
