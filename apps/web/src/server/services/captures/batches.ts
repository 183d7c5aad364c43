import type { CaptureBatch } from "../../../domain/captureFile/index.ts";
import type { Queryable } from "../../store/levels.ts";

/** Batches of a quarter of a megabyte at most that are read at a time. */
const AT_A_TIME = 16;

/** How far a capture has come; `complete`: it has ended and nothing more is waited for. */
export type CaptureState = { readonly batches: number; readonly complete: boolean };
type Row = { number: string; host_id: string; first_ns: string; boot_to_wall_ns: string; records: Uint8Array };
/** A row, with its place in the order of time. */
export type BatchRow = CaptureBatch & { readonly number: number; readonly firstNs: bigint };

/** Null where it is no longer there. */
export async function captureState(on: Queryable, id: string): Promise<CaptureState | null> {
  const { rows } = await on.query<{ batches: string; complete: boolean }>(
    `SELECT batches, ended_at IS NOT NULL AND NOT EXISTS (SELECT FROM capture_host
       WHERE capture_id = c.id AND state IN ('pending', 'running', 'draining')) AS complete FROM capture c WHERE id = $1`,
    [id],
  );
  return rows[0] ? { batches: Number(rows[0].batches), complete: rows[0].complete } : null;
}

/**
 * The batches numbered above `above` up to `upTo`, of hosts that are seen (null: all), in order of the time they begin,
 * page by page; they never change.
 */
export async function* batchesBetween(
  on: Queryable,
  of: { readonly id: string; readonly seen: readonly string[] | null; readonly above: number; readonly upTo: number },
): AsyncGenerator<BatchRow[]> {
  let place: BatchRow | undefined;
  for (let full = of.above < of.upTo; full;) {
    const { rows } = await on.query<Row>(
      `SELECT number, host_id, first_ns, boot_to_wall_ns, records FROM capture_batch
        WHERE capture_id = $1 AND number > $2 AND number <= $3 AND (first_ns, number) > ($4, $5) AND ($6::uuid[] IS NULL OR host_id = ANY($6))
        ORDER BY first_ns, number LIMIT ${AT_A_TIME}`,
      [of.id, of.above, of.upTo, `${place?.firstNs ?? -1n}`, place?.number ?? 0, of.seen],
    );
    const page = rows.map((row) => ({
      hostId: row.host_id,
      bootToWallNs: BigInt(row.boot_to_wall_ns),
      records: row.records,
      number: Number(row.number),
      firstNs: BigInt(row.first_ns),
    }));
    full = page.length === AT_A_TIME;
    place = page.at(-1);
    if (page.length > 0) yield page;
  }
}
