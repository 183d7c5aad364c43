import {
  BATCH_HEADER_BYTES,
  BatchKind,
  COUNTER_ROW_BYTES,
  Direction,
  MAX_BATCH_BYTES,
  counterRowAt,
  frameBatch,
  headerAt,
  stampBatch,
  viewOf,
} from "@sonde/protocol";
import type pg from "pg";
import { sideColumns, sides, type Side } from "./counter-columns.ts";

export type CountersSince = {
  /** The host's newest stream, and the last sequence of counters that was committed of it when this was read. */
  readonly bootId: string;
  readonly stream: bigint;
  readonly sequence: bigint;
  /**
   * Counter batches of sequence 0, one or more for each interval of that boot that ends at `after.lastNs` or later and
   * was committed by then, in order. Together they hold all that is stored of their interval.
   */
  readonly batches: readonly Uint8Array[];
  /** End of the last interval in them. */
  readonly lastNs: bigint;
};

/** So far back an interval is looked for. */
const REACH_MS = 15 * 60_000;
/** Rows that one answer holds: of more the oldest are left out. */
const MAX_ROWS = 2_000;
const ROWS_A_BATCH = Math.floor((MAX_BATCH_BYTES - BATCH_HEADER_BYTES) / COUNTER_ROW_BYTES / 2) * 2;

const selected = sides.flatMap((side) => sideColumns[side].map((column) => `c.${column.name}`));
const STREAM_SQL =
  "SELECT boot_id, stream::text, counters_seq::text FROM agent_stream WHERE host_id = $1 ORDER BY since DESC, updated_at DESC LIMIT 1";
/** A boot began when its newest row was counted, less the boot time of that row: older rows are of an earlier boot. */
const ROWS_SQL = `WITH newest AS (SELECT at, boot_ns FROM interface_counters WHERE host_id = $1 AND at >= $2 ORDER BY at DESC LIMIT 1)
  SELECT i.ifindex, c.interval_ns::text, c.boot_ns::text, ${selected.join(", ")}
    FROM interface_counters c JOIN interface i ON i.id = c.interface_id
    WHERE c.host_id = $1 AND c.at >= $2 AND c.boot_ns >= $3
      AND c.at >= (SELECT at - boot_ns / 1000 * interval '1 microsecond' - interval '5 seconds' FROM newest)
    ORDER BY c.boot_ns DESC, c.interval_ns, c.interface_id LIMIT ${MAX_ROWS}`;

type Row = [ifindex: number, intervalNs: string, bootNs: string, ...counts: (string | null)[]];

/** What is stored of a host's counters since an interval, and up to which batch: both of one moment. Null when the host has no stream. */
export async function countersSince(
  pool: pg.Pool,
  hostId: string,
  after: { readonly bootId: string; readonly lastNs: bigint },
  now: Date,
): Promise<CountersSince | null> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const { rows: streams } = await client.query<{ boot_id: string; stream: string; counters_seq: string }>(STREAM_SQL, [hostId]);
    const newest = streams[0];
    const fromNs = newest?.boot_id === after.bootId ? after.lastNs : 0n;
    const since = new Date(now.getTime() - REACH_MS);
    const { rows } = await client.query<Row>({ text: ROWS_SQL, values: [hostId, since, fromNs.toString()], rowMode: "array" });
    await client.query("COMMIT");
    if (!newest) return null;
    const found = wholeIntervals(rows.toReversed());
    const stream = BigInt.asUintN(64, BigInt(newest.stream));
    return {
      bootId: newest.boot_id,
      stream,
      sequence: BigInt(newest.counters_seq),
      batches: batchesOf(found, { hostId, bootId: newest.boot_id, stream }),
      lastNs: BigInt(found.at(-1)?.[2] ?? fromNs),
    };
  } catch (error) {
    await client.query("ROLLBACK").catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Of the oldest interval some rows may be missing where there were too many. */
function wholeIntervals(rows: readonly Row[]): readonly Row[] {
  return rows.length < MAX_ROWS ? rows : rows.filter((row) => row[2] !== rows[0]?.[2]);
}

type Of = { readonly hostId: string; readonly bootId: string; readonly stream: bigint };

/** Rows of one interval lie together. Its batches are numbered from 0 where other batches have their filter set. */
function batchesOf(rows: readonly Row[], of: Of): Uint8Array[] {
  const batches: Uint8Array[] = [];
  let part = 0;
  for (let from = 0; from < rows.length;) {
    const [, intervalNs = "", bootNs = ""] = rows[from] ?? [];
    let to = from;
    while (to < rows.length && rows[to]?.[1] === intervalNs && rows[to]?.[2] === bootNs && (to - from) * 2 < ROWS_A_BATCH) to++;
    part = rows[from - 1]?.[2] === bootNs ? part + 1 : 0;
    batches.push(batchOf(rows.slice(from, to), { ...of, part, firstNs: BigInt(bootNs) - BigInt(intervalNs), lastNs: BigInt(bootNs) }));
    from = to;
  }
  return batches;
}

function batchOf(
  rows: readonly Row[],
  { part, firstNs, lastNs, ...of }: Of & { part: number; firstNs: bigint; lastNs: bigint },
): Uint8Array {
  const counted = rows.flatMap((row) =>
    sides.flatMap((side, i) => {
      const counts = row.slice(3 + i * sideColumns.rx.length, 3 + (i + 1) * sideColumns.rx.length);
      return counts.every((count) => count === null) ? [] : [{ ifindex: row[0], side, counts }];
    }),
  );
  const bodyLen = counted.length * COUNTER_ROW_BYTES;
  const bytes = new Uint8Array(BATCH_HEADER_BYTES + bodyLen);
  const view = viewOf(bytes);
  frameBatch(view, { kind: BatchKind.counters, count: counted.length, bodyLen, firstNs, lastNs });
  stampBatch(view, { ...of, sequence: 0n, sampleN: 1, snaplen: 0, ringLost: 0n, queueLost: 0n });
  view.setUint32(headerAt.filterSet, part, true);
  for (const [i, { ifindex, side, counts }] of counted.entries()) {
    const at = BATCH_HEADER_BYTES + i * COUNTER_ROW_BYTES;
    view.setUint32(at + counterRowAt.ifindex, ifindex, true);
    view.setUint8(at + counterRowAt.direction, side === "rx" ? Direction.ingress : Direction.egress);
    writeSide(view, at, side, counts);
  }
  return bytes;
}

/** The reverse of encodeCounters. A column that sums several counts goes to the first of them, less those that have their own. */
function writeSide(view: DataView, row: number, side: Side, counts: readonly unknown[]): void {
  const first = new Map<number, number>();
  for (const [i, column] of sideColumns[side].entries()) {
    const value = counts[i];
    const [at = 0, ...others] = column.at;
    for (const other of others) first.set(other, at);
    if (typeof value !== "string") continue;
    view.setBigUint64(row + at, BigInt(value), true);
    const total = first.get(at);
    if (total !== undefined) view.setBigUint64(row + total, view.getBigUint64(row + total, true) - BigInt(value), true);
  }
}
