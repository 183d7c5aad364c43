import type { Level, seriesLevels } from "../levels.ts";
import type { Kept } from "./kept.ts";

type Series = (typeof seriesLevels)[keyof typeof seriesLevels];
/** The tables of a series: as it was sent, and its sums, finest first. */
export function tablesOf({ raw, levels }: Series): string[] {
  return [raw, ...levels.map((level) => level.table)];
}

/** A part of a range of time, and the table that answers for it; milliseconds since 1970. */
export type Segment = { readonly table: string; readonly from: number; readonly to: number };

export type PlanInput = {
  readonly series: Series;
  readonly from: number;
  readonly to: number;
  /** Whether its sums know all fields that are asked for. */
  readonly sums: boolean;
  /** Buckets that must not be torn; null: the answer has none. */
  readonly stepMs: number | null;
  /** Up to when each table of sums is whole. */
  readonly until: Readonly<Record<string, Date>>;
  readonly kept: Kept;
};

/**
 * Cuts a range of time so that each part is answered by the coarsest sums that fit and are there, and what is newer, or
 * at the edges, by finer ones or the rows that were sent. Parts that no table holds any more are left out.
 */
export function planSegments({ series, sums, stepMs, until, kept, ...range }: PlanInput): Segment[] {
  const levels: readonly Level[] = series.levels;
  const usable = sums ? levels.filter((level) => stepMs === null || stepMs % level.bucketMs === 0) : [];
  const cover = (from: number, to: number, finest: number): Segment[] => {
    if (from >= to) return [];
    const level = usable[finest];
    if (!level) {
      const since = Math.max(from, kept.from(series.raw));
      return since < to ? [{ table: series.raw, from: since, to }] : [];
    }
    const { table, bucketMs } = level;
    const first = Math.ceil(Math.max(from, kept.from(table)) / bucketMs) * bucketMs;
    const last = Math.floor(Math.min(to, until[table]?.getTime() ?? 0) / bucketMs) * bucketMs;
    if (!(first < last)) return cover(from, to, finest - 1);
    return [...cover(from, first, finest - 1), { table, from: first, to: last }, ...cover(last, to, finest - 1)];
  };
  return cover(range.from, range.to, usable.length - 1);
}
