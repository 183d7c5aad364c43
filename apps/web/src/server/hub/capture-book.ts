import { BATCH_HEADER_BYTES, BatchKind, headerAt, viewOf } from "@sonde/protocol";
import type pg from "pg";
import type { Logger } from "pino";
import type { CaptureBit } from "../store/capture-take.ts";

/** Sets that are remembered; the one that was read first goes when there is one more. */
const MAX_SETS = 4096;
const NONE: readonly CaptureBit[] = [];

export type CaptureBook = {
  /**
   * Which bits of a batch's filter set are captures': at once where the set is known. Null where the database did not
   * say: the batch must wait.
   */
  of(batch: unknown): readonly CaptureBit[] | Promise<readonly CaptureBit[] | null>;
};

const BITS_SQL = `SELECT c.id, f.position - 1 AS bit FROM filter_set s
  LEFT JOIN (unnest(s.filter_ids) WITH ORDINALITY AS f(id, position) JOIN capture c ON c.filter_id = f.id) ON true
  WHERE s.number = $1::bigint`;

/** Knows by filter set what is captured. A set never changes; what is not here yet is read when its first batch comes. */
export function createCaptureBook(pool: pg.Pool, log: Logger): CaptureBook {
  const known = new Map<number, readonly CaptureBit[]>([[0, NONE]]);

  async function read(set: number): Promise<readonly CaptureBit[] | null> {
    try {
      const { rows } = await pool.query<{ id: string | null; bit: string | null }>(BITS_SQL, [set]);
      const bits = rows.flatMap(({ id, bit }) => (id === null ? [] : [{ captureId: id, bit: Number(bit) }]));
      if (rows.length > 0) known.set(set, bits); // one that was never made may still be
      const [first] = [...known.keys()].slice(1, 2);
      if (known.size > MAX_SETS && first !== undefined) known.delete(first);
      return bits;
    } catch (error) {
      log.warn({ event: "capture-bits", set, error: String(error) }, "what a filter set captures could not be read; its batches wait");
      return null;
    }
  }

  return {
    of(batch) {
      if (!(batch instanceof Uint8Array) || batch.byteLength < BATCH_HEADER_BYTES) return NONE;
      const view = viewOf(batch);
      if (view.getUint16(headerAt.kind, true) !== BatchKind.records) return NONE;
      const set = view.getUint32(headerAt.filterSet, true);
      return known.get(set) ?? read(set);
    },
  };
}
