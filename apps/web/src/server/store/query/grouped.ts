import type { GroupKey } from "./group-keys.ts";
import type { SqlParams } from "./params.ts";
import type { Segment } from "./segments.ts";

export type Grouping = {
  readonly segments: readonly Segment[];
  readonly keys: readonly GroupKey[];
  /** Conditions on rows (alias f) that every segment has: filter and scope. */
  readonly where: string;
  /** One more key, before the others, as SQL of a row `f`; null: none. */
  readonly bin: ((segment: Segment) => string) | null;
  readonly params: SqlParams;
};

/**
 * A sum of bytes that is a bigint all the way: summing bigint makes a numeric of it, which costs three times as much. No
 * record has 2^48 bytes (copy-rows.ts).
 */
const RAW_SUMS = `count(*) AS flows, sum(f.packets) AS packets, (sum((f.bytes >> 24)::int) << 24) + sum((f.bytes & 16777215)::int) AS bytes`;
const SUMS = ["flows", "packets", "bytes"] as const;
const bigSums = (alias: string): string => SUMS.map((sum) => `sum(${alias}.${sum})::bigint AS ${sum}`).join(", ");

/** A range without rows, for an answer that has none. */
const NOTHING: Segment = { table: "flow_records", from: 0, to: 0 };

/**
 * SQL of flows, packets and bytes by `bin` and k0, k1, …; a group may come once for each segment it is in, unless
 * `whole`, which adds them up and puts names in the place of numbers.
 */
export function groupedSql(of: Grouping): string {
  const { keys, bin, params } = of;
  const segments = of.segments.length > 0 ? of.segments : [NOTHING];
  const names = keys.map((_, i) => `k${i}`);
  const all = [...(bin ? ["bin"] : []), ...names];
  const parts = segments.map((segment) => segmentSql(of, segment)).join(" UNION ALL ");
  if (segments.length === 1 && keys.every((key) => key.named === null)) return parts;
  const outer = keys.map((key, i) => `${key.named ? key.named(`g.k${i}`, params) : `g.k${i}`} AS k${i}`);
  const selected = [...(bin ? ["g.bin"] : []), ...outer, bigSums("g")];
  return `SELECT ${selected.join(", ")} FROM (${parts}) g${groupBy(all.length)}`;
}

function segmentSql({ keys, where, bin, params }: Grouping, segment: Segment): string {
  const raw = segment.table === "flow_records";
  const binSql = bin ? [`${bin(segment)} AS bin`] : [];
  const ends = keys.flatMap((key) => (key.ends ? [key.ends] : []));
  let end = 0;
  const inner = keys.map((key, i) => `${key.ends ? key.inner.replace("e.?", `e.v${end++}`) : key.inner} AS k${i}`);
  const range = `f.at >= ${params.add(new Date(segment.from))}::timestamptz AND f.at < ${params.add(new Date(segment.to))}::timestamptz`;
  const selected = [...binSql, ...inner, raw ? RAW_SUMS : bigSums("f")];
  return `SELECT ${selected.join(", ")} FROM ${segment.table} f${bothEnds(ends)} WHERE ${range} AND ${where}${onceIfSame(ends)}${groupBy(binSql.length + inner.length)}`;
}

/** Each flow once for its source and once for its destination. */
function bothEnds(ends: readonly (readonly [string, string])[]): string {
  if (ends.length === 0) return "";
  const row = (end: 0 | 1): string => `(${[...ends.map((columns) => columns[end]), end === 1 ? "true" : "false"].join(", ")})`;
  return `, LATERAL (VALUES ${row(0)}, ${row(1)}) e(${[...ends.map((_, i) => `v${i}`), "second"].join(", ")})`;
}

/** A flow whose ends are alike counts once. */
function onceIfSame(ends: readonly (readonly [string, string])[]): string {
  if (ends.length === 0) return "";
  return ` AND NOT (e.second AND ${ends.map(([source, destination]) => `${source} = ${destination}`).join(" AND ")})`;
}

function groupBy(columns: number): string {
  return columns === 0 ? "" : ` GROUP BY ${Array.from({ length: columns }, (_, i) => i + 1).join(", ")}`;
}

/** The texts of k0, k1, … of alias `x`, as one array. */
export function keyTexts(keys: readonly GroupKey[], alias: string): string {
  return `ARRAY[${keys.map((key, i) => key.text(`${alias}.k${i}`)).join(", ")}]::text[]`;
}

/** What is shown for those texts. */
export function shownKey(keys: readonly GroupKey[], texts: readonly (string | null)[]): (string | null)[] {
  return keys.map((key, i) => {
    const text = texts[i] ?? null;
    return text === null ? null : key.shown(text);
  });
}
