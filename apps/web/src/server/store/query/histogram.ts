import type { FlowHistogram, Measure } from "@sonde/protocol/rest";
import type pg from "pg";
import { ANSWER_MS, flowsWhere, planAsk, type FlowAsk } from "./ask.ts";
import { groupedSql, keyTexts, shownKey } from "./grouped.ts";
import { groupKeys } from "./group-keys.ts";
import { SqlParams } from "./params.ts";
import { runQuery } from "./run.ts";
import type { Segment } from "./segments.ts";

/** `from` and `to` are multiples of the step; `by` [] asks for one series of all. */
export type HistogramAsk = FlowAsk & {
  readonly stepMs: number;
  readonly by: readonly string[];
  readonly measure: Measure;
  readonly n: number;
  /** What happens after it is not known yet. */
  readonly now: number;
};

type Row = { bin_ms: string; key: (string | null)[] | null; flows: string; packets: string; bytes: string };
type Series = FlowHistogram["series"];

/** Sums per bucket: of all flows, or of the `n` largest groups and of all others together. Throws QUERY_FIELD, QUERY_LIMIT, BUSY. */
export async function flowHistogram(pool: pg.Pool, ask: HistogramAsk): Promise<Series> {
  const keys = groupKeys(ask.by);
  const params = new SqlParams();
  const segments = await planAsk(pool, ask, keys, ask.stepMs);
  const step = `${params.add(ask.stepMs / 1000)}::float8 * interval '1 s'`;
  const bin = (): string => `date_bin(${step}, f.at, 'epoch')`;
  const grouped = groupedSql({ segments, keys, where: flowsWhere(ask, params), bin, params });
  const text =
    keys.length === 0 ? totals(grouped) : largest({ grouped, keys: keyTexts(keys, "g"), measure: ask.measure, n: params.add(ask.n) });
  const rows = await runQuery<Row>(pool, { text, values: params.values, timeoutMs: ANSWER_MS });
  return seriesOf(rows, ask, segments, (texts) => shownKey(keys, texts));
}

/** Start of a bucket, ms since 1970. */
const MS = "(extract(epoch FROM g.bin) * 1000)::bigint";

function totals(grouped: string): string {
  return `SELECT ${MS} AS bin_ms, '{}'::text[] AS key, sum(flows)::bigint AS flows, sum(packets)::bigint AS packets, sum(bytes)::bigint AS bytes FROM (${grouped}) g GROUP BY g.bin`;
}

function largest({ grouped, keys, measure, n }: { grouped: string; keys: string; measure: Measure; n: string }): string {
  return `WITH g AS MATERIALIZED (SELECT bin, ${keys} AS key, flows, packets, bytes FROM (${grouped}) g),
    named AS (SELECT key FROM g GROUP BY key ORDER BY sum(${measure}) DESC, key LIMIT ${n}::int)
    SELECT ${MS} AS bin_ms, named.key, sum(g.flows)::bigint AS flows, sum(g.packets)::bigint AS packets, sum(g.bytes)::bigint AS bytes
    FROM g LEFT JOIN named ON named.key = g.key GROUP BY g.bin, named.key`;
}

function seriesOf(
  rows: readonly Row[],
  ask: HistogramAsk,
  segments: readonly Segment[],
  shown: (texts: (string | null)[]) => (string | null)[],
): Series {
  const empty = emptyBuckets(ask, segments);
  const series = new Map<string, { readonly one: Series[number]; sum: bigint }>();
  for (const row of rows) {
    const id = JSON.stringify(row.key);
    const key = row.key === null ? null : shown(row.key);
    const known = series.get(id) ?? { one: { key, flows: [...empty], packets: [...empty], bytes: [...empty] }, sum: 0n };
    series.set(id, known);
    const at = (Number(row.bin_ms) - ask.from) / ask.stepMs;
    known.one.flows[at] = row.flows;
    known.one.packets[at] = row.packets;
    known.one.bytes[at] = row.bytes;
    known.sum += BigInt(row[ask.measure]);
  }
  if (series.size === 0 && ask.by.length === 0) return [{ key: [], flows: empty, packets: empty, bytes: empty }];
  const rank = ({ one, sum }: { one: Series[number]; sum: bigint }): bigint => (one.key === null ? -1n : sum);
  return [...series.values()].toSorted((a, b) => (rank(a) < rank(b) ? 1 : -1)).map(({ one }) => one);
}

/** "0" where the hub knows that nothing was, null where it does not know. */
function emptyBuckets({ from, to, stepMs, now }: HistogramAsk, segments: readonly Segment[]): (string | null)[] {
  const known = Math.min(...segments.map((segment) => segment.from));
  return Array.from({ length: (to - from) / stepMs }, (_, i) => {
    const start = from + i * stepMs;
    return start >= known && start <= now ? "0" : null;
  });
}
