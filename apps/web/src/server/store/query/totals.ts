import { protoClasses, sizeClasses, tcpFlagNames } from "@sonde/protocol";
import type { SideTotals } from "@sonde/protocol/rest";
import type pg from "pg";
import { sideColumns, sides, type Side } from "../counter-columns.ts";
import { completeUntil, seriesLevels } from "../levels.ts";
import { sideOf } from "../query-counters.ts";
import { ANSWER_MS } from "./ask.ts";
import { keptSince } from "./kept.ts";
import { SqlParams } from "./params.ts";
import { runQuery } from "./run.ts";
import { planSegments, tablesOf } from "./segments.ts";

/** Of one host, between two times in ms since 1970. */
export type TotalsAsk = { readonly hostId: string; readonly from: number; readonly to: number };
type Row = Record<string, unknown> & { interface_id: number };

const columns = sides.flatMap((side) => sideColumns[side].map((column) => column.name));

/** What each interface and direction counted; sides that counted nothing are left out. Throws QUERY_LIMIT, BUSY. */
export async function interfaceTotals(pool: pg.Pool, ask: TotalsAsk): Promise<SideTotals[]> {
  const series = seriesLevels.interface_counters;
  const [until, kept] = [await completeUntil(pool), await keptSince(pool, tablesOf(series))];
  const segments = planSegments({ series, from: ask.from, to: ask.to, sums: true, stepMs: null, until, kept });
  if (segments.length === 0) return [];
  const params = new SqlParams();
  const host = `${params.add(ask.hostId)}::uuid`;
  const parts = segments.map(({ table, from, to }) => {
    const range = `at >= ${params.add(new Date(from))}::timestamptz AND at < ${params.add(new Date(to))}::timestamptz`;
    return `SELECT interface_id, ${columns.join(", ")} FROM ${table} WHERE host_id = ${host} AND ${range}`;
  });
  const sums = columns.map((column) => `sum(${column})::bigint AS ${column}`).join(", ");
  const text = `SELECT interface_id, ${sums} FROM (${parts.join(" UNION ALL ")}) s GROUP BY interface_id ORDER BY interface_id`;
  const rows = await runQuery<Row>(pool, { text, values: params.values, timeoutMs: ANSWER_MS });
  return rows.flatMap((row) => sides.map((side) => totalsOf(row, side)).filter((one) => Object.keys(one.classes).length > 0));
}

function totalsOf(row: Row, side: Side): SideTotals {
  const count = (name: string): string => {
    const value = row[`${side}_${name}`];
    return typeof value === "string" ? value : "0";
  };
  return {
    interface: row.interface_id,
    side,
    classes: sideOf(row, side),
    dropped: droppedOf(count),
    malformed: count("malformed"),
    tcpFlags: Object.fromEntries(tcpFlagNames.map((flag) => [flag, count(`tcp_${flag}`)])) as SideTotals["tcpFlags"],
    sizes: sizeClasses.map((least) => ({ least, frames: count(`size_${least}`) })),
  };
}

function droppedOf(count: (name: string) => string): SideTotals["dropped"] {
  const dropped: SideTotals["dropped"] = {};
  for (const proto of protoClasses) {
    const of = (field: "frames" | "packets" | "bytes"): string => count(`drop_${proto}_${field}`);
    if (of("frames") !== "0") dropped[proto] = { frames: of("frames"), packets: of("packets"), bytes: of("bytes") };
  }
  return dropped;
}
