import type { Clock } from "../clock.ts";
import type { Queryable } from "./levels.ts";
import type { Partition } from "./partitions.ts";

/** Summing a row up takes about 1 µs; a call takes no more of the database's time than this, and the next one goes on. */
const BUDGET_MS = 2_000;
/** Pages between two looks at the clock: some 0.2 s. */
const CHUNK_PAGES = 2_048;
const PAGE_BYTES = 8_192;
/** What Postgres takes where an index says nothing (brin.h: BRIN_DEFAULT_PAGES_PER_RANGE). */
const DEFAULT_PAGES = 128;

const INDEXES_SQL = `SELECT c.oid::int8::text AS index,
    COALESCE(substring(array_to_string(c.reloptions, ',') FROM 'pages_per_range=(\\d+)')::int, ${DEFAULT_PAGES}) AS step
  FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_am a ON a.oid = c.relam
  WHERE a.amname = 'brin' AND x.indrelid = to_regclass($1)`;
const RANGES_SQL = "SELECT count(brin_summarize_range($1::oid::regclass, page)) FROM generate_series($2::int8, $3::int8, $4::int8) page";

/**
 * Brings the BRIN indexes up to date, from where the last call ended. Rows are written without them, which is cheap:
 * queries read the pages that no summary covers, and this leaves few. Only partitions that grew are looked at.
 */
export function createSummariser(clock: Pick<Clock, "now">): (on: Queryable, partitions: readonly Partition[]) => Promise<void> {
  /** Whole pages that each partition's summaries cover; a last range that was not full is summed up again. */
  let covered = new Map<string, { pages: number; rowBytes: number }>();
  return async (on, partitions) => {
    const until = clock.now() + BUDGET_MS;
    const names = new Set(partitions.map((one) => one.name));
    covered = new Map([...covered].filter(([name]) => names.has(name)));
    for (const { name, rowBytes } of partitions) {
      const before = covered.get(name);
      if (rowBytes === (before?.rowBytes ?? 0)) continue;
      const pages = await summarise(
        on,
        { name, from: before?.pages ?? 0, to: Math.floor(rowBytes / PAGE_BYTES) },
        () => clock.now() < until,
      );
      const done = pages * PAGE_BYTES >= rowBytes;
      covered.set(name, { pages: Math.floor(pages / DEFAULT_PAGES) * DEFAULT_PAGES, rowBytes: done ? rowBytes : -1 });
      if (!done) return;
    }
  };
}

type Stretch = { readonly name: string; readonly from: number; readonly to: number };

/** Goes over a partition's pages while there is time; returns up to where it came. */
async function summarise(on: Queryable, { name, from, to }: Stretch, hasTime: () => boolean): Promise<number> {
  const { rows: indexes } = await on.query<{ index: string; step: number }>(INDEXES_SQL, [name]);
  let at = from;
  while (at < to && hasTime()) {
    const next = Math.min(at + CHUNK_PAGES, to);
    for (const { index, step } of indexes) await on.query(RANGES_SQL, [index, at, next - 1, step]);
    at = next;
  }
  return at;
}
