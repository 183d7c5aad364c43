import { isCodedError } from "@sonde/protocol";
import type { Flow } from "@sonde/protocol/rest";
import type pg from "pg";
import { flowsWhere, type FlowAsk } from "./ask.ts";
import { flowOf, flowRowSql, timeOf, type FlowRow } from "./flow-rows.ts";
import { keptSince } from "./kept.ts";
import { SqlParams } from "./params.ts";
import { runQuery } from "./run.ts";

/**
 * Where a page begins: below this time (microseconds since 1970), or with `tid` below this row of it. Exact, because
 * rows are never updated, and all rows of one time are in one partition.
 */
export type Place = { readonly atUs: number; readonly tid: string | null };
export type PageAsk = FlowAsk & {
  readonly after: Place | null;
  readonly limit: number;
  /** Stops looking further back after this long. */
  readonly budgetMs: number;
  /** Milliseconds of any clock that only goes forward. */
  readonly clock: () => number;
};
export type FlowPage = {
  readonly items: Flow[];
  /** Where the next page begins; null when there is nothing older. */
  readonly next: Place | null;
  /** The budget ended before the page was full. */
  readonly stopped: boolean;
};

/** The first slice of time that is searched; each one that does not fill the page is followed by one four times as long. */
const FIRST_SLICE_MS = 1_000;
const GROWTH = 4;
const HOUR_MS = 3_600_000;
/** A slice gets at least so long, so that every page gets on. */
const LEAST_MS = 500;

/**
 * Flow records newest first. Walks backwards, so that conditions which are met often are answered from the last seconds;
 * for rare ones the slices grow until an index pays. Throws QUERY_LIMIT when not even the first slice was read in time, BUSY.
 */
export async function flowPage(pool: pg.Pool, ask: PageAsk): Promise<FlowPage> {
  const deadline = ask.clock() + ask.budgetMs;
  const oldest = Math.max(ask.from, (await keptSince(pool, ["flow_records"])).from("flow_records"));
  const rows: FlowRow[] = [];
  const page = (next: Place | null, stopped: boolean): FlowPage => ({ items: rows.map(flowOf), next, stopped });
  const start: Place = ask.after ?? { atUs: ask.to * 1000, tid: null };
  let below = start;
  for (let sliceMs = FIRST_SLICE_MS; isAfter(below, oldest); sliceMs *= GROWTH) {
    const left = deadline - ask.clock();
    if (left <= 0 && below !== start) return page(below, true);
    const from = sliceStart(below.atUs / 1000, sliceMs, oldest);
    const limit = ask.limit - rows.length;
    const found = await searchSlice({ from, below, limit, timeoutMs: Math.max(left, LEAST_MS) });
    if (found === null) return page(below, true);
    rows.push(...found);
    const last = found.at(-1);
    if (found.length === limit && last) return page({ atUs: Number(last.at_us), tid: last.tid }, false);
    below = { atUs: from * 1000, tid: null };
  }
  return page(null, false);

  /** Null when the slice took too long and something was found out before it. */
  async function searchSlice(slice: Slice): Promise<FlowRow[] | null> {
    try {
      return await readSlice(pool, ask, slice);
    } catch (error) {
      if (isCodedError(error) && error.code === "QUERY_LIMIT" && below !== start) return null;
      throw error;
    }
  }
}

/** Whether there may be rows below a place and not older than this (ms since 1970). */
function isAfter({ atUs, tid }: Place, oldest: number): boolean {
  return tid === null ? atUs > oldest * 1000 : atUs >= oldest * 1000;
}

/** Where a slice of about this length begins: from an hour on, where a partition does. */
function sliceStart(end: number, sliceMs: number, oldest: number): number {
  const start = end - sliceMs;
  return Math.max(oldest, sliceMs < HOUR_MS ? Math.floor(start) : Math.floor(start / HOUR_MS) * HOUR_MS);
}

type Slice = { readonly from: number; readonly below: Place; readonly limit: number; readonly timeoutMs: number };

async function readSlice(pool: pg.Pool, ask: PageAsk, { from, below, limit, timeoutMs }: Slice): Promise<FlowRow[]> {
  const params = new SqlParams();
  const where = flowsWhere(ask, params);
  const end = `${params.add(timeOf(below.atUs))}::timestamptz`;
  const upTo = below.tid === null ? `f.at < ${end}` : `f.at <= ${end} AND (f.at, f.ctid) < (${end}, ${params.add(below.tid)}::tid)`;
  const text = `SELECT ${flowRowSql} FROM (SELECT f.*, f.ctid AS tid FROM flow_records f
      WHERE f.at >= ${params.add(new Date(from))}::timestamptz AND ${upTo} AND ${where} ORDER BY f.at DESC, f.ctid DESC LIMIT ${params.add(limit)}::int) f
    LEFT JOIN host h ON h.number = f.host LEFT JOIN interface i ON i.id = f.interface_id ORDER BY f.at DESC, f.tid DESC`;
  // most slices are answered before a helper has started
  const helpers = below.atUs / 1000 - from < HOUR_MS ? 0 : 2;
  return runQuery<FlowRow>(pool, { text, values: params.values, timeoutMs, helpers });
}
