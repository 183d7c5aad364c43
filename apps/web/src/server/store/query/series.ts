import type { FilterSeries, InterfaceSeries } from "@sonde/protocol/rest";
import type pg from "pg";
import { completeUntil, seriesLevels } from "../levels.ts";
import { classColumns, sideOf } from "../query-counters.ts";
import { ANSWER_MS } from "./ask.ts";
import { keptSince } from "./kept.ts";
import { SqlParams } from "./params.ts";
import { runQuery } from "./run.ts";
import { hostsIn, type HostSet } from "./scope.ts";
import { planSegments, tablesOf } from "./segments.ts";

/** From one time to below another (ms since 1970), both multiples of the step. */
export type SeriesAsk = {
  readonly hosts: HostSet;
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  /** One interface alone; null: all. */
  readonly interfaceId: number | null;
  readonly limit: number;
};
type Name = "interface_counters" | "filter_counters";

/** Sums of `columns` per step and `keys`, oldest first; coarse steps come from coarse tables. */
async function readSeries<R extends pg.QueryResultRow>(
  pool: pg.Pool,
  ask: SeriesAsk,
  of: { readonly name: Name; readonly keys: readonly string[]; readonly columns: readonly string[] },
): Promise<(R & { bin_ms: string; host_id: string })[]> {
  const series = seriesLevels[of.name];
  const [until, kept] = [await completeUntil(pool), await keptSince(pool, tablesOf(series))];
  const segments = planSegments({ series, from: ask.from, to: ask.to, sums: true, stepMs: ask.stepMs, until, kept });
  if (segments.length === 0) return [];
  const params = new SqlParams();
  const hosts = `f.host_id = ANY(ARRAY(SELECT h.id FROM host h WHERE ${hostsIn(ask.hosts, params)}))`;
  const one = ask.interfaceId === null ? "" : ` AND f.interface_id = ${params.add(ask.interfaceId)}::int`;
  const step = `${params.add(ask.stepMs / 1000)}::float8 * interval '1 s'`;
  const keys = ["host_id", ...of.keys];
  const parts = segments.map(({ table, from, to }) => {
    const range = `f.at >= ${params.add(new Date(from))}::timestamptz AND f.at < ${params.add(new Date(to))}::timestamptz`;
    return `SELECT at, ${[...keys, ...of.columns].join(", ")} FROM ${table} f WHERE ${range} AND ${hosts}${one}`;
  });
  const sums = of.columns.map((column) => `sum(${column})::bigint AS ${column}`).join(", ");
  const text = `SELECT (extract(epoch FROM date_bin(${step}, at, 'epoch')) * 1000)::bigint AS bin_ms, ${keys.join(", ")}, ${sums} FROM (${parts.join(" UNION ALL ")}) s
    GROUP BY bin_ms, ${keys.join(", ")} ORDER BY bin_ms, ${keys.join(", ")} LIMIT ${params.add(ask.limit + 1)}::int`;
  return runQuery(pool, { text, values: params.values, timeoutMs: ANSWER_MS });
}

const startOf = (row: { readonly bin_ms: string }): string => new Date(Number(row.bin_ms)).toISOString();

/** Traffic of interfaces. Throws QUERY_LIMIT, BUSY. */
export async function interfaceSeries(pool: pg.Pool, ask: SeriesAsk): Promise<Omit<InterfaceSeries, "step">> {
  const rows = await readSeries<Record<string, unknown> & { interface_id: number }>(pool, ask, {
    name: "interface_counters",
    keys: ["interface_id"],
    columns: classColumns,
  });
  const items = rows.slice(0, ask.limit).map((row) => ({
    at: startOf(row),
    hostId: row.host_id,
    interface: row.interface_id,
    rx: sideOf(row, "rx"),
    tx: sideOf(row, "tx"),
  }));
  return { items, truncated: rows.length > ask.limit };
}

type FilterRow = {
  filter_set: string;
  bit: number;
  matched: string;
  sampled_out: string;
  ring_lost: string;
  no_reader: string;
  delivered: string;
};

/** What became of the packets that filters took. Throws QUERY_LIMIT, BUSY. */
export async function filterSeries(pool: pg.Pool, ask: SeriesAsk): Promise<Omit<FilterSeries, "step">> {
  const columns = ["matched", "sampled_out", "ring_lost", "no_reader", "delivered"];
  const rows = await readSeries<FilterRow>(
    pool,
    { ...ask, interfaceId: null },
    { name: "filter_counters", keys: ["filter_set", "bit"], columns },
  );
  const items = rows.slice(0, ask.limit).map((row) => ({
    at: startOf(row),
    hostId: row.host_id,
    filterSet: Number(row.filter_set),
    bit: row.bit,
    matched: row.matched,
    sampledOut: row.sampled_out,
    lostRing: row.ring_lost,
    noReader: row.no_reader,
    delivered: row.delivered,
  }));
  return { items, truncated: rows.length > ask.limit };
}
