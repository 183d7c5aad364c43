import { BATCH_HEADER_BYTES, BatchKind, headerAt, viewOf } from "@sonde/protocol";
import type pg from "pg";
import type { Logger } from "pino";
import { EVERYTHING } from "../services/filters/sets.ts";
import type { CaptureBit } from "../store/capture-take.ts";

/** What the bits of a filter set stand for. */
export type SetBits = {
  readonly captures: readonly CaptureBit[];
  /**
   * By bit: the most bytes of a packet that who watches the host gets of a record it selects. A capture's are headers:
   * what it takes beyond them is for its file (SPEC 10.1).
   */
  readonly live: readonly number[];
};

/** Sets that are remembered; the one that was read first goes when there is one more. */
const MAX_SETS = 4096;
const NO_CAPTURES: SetBits = { captures: [], live: [] };

export type CaptureBook = {
  /** What a batch's filter set is made of: at once where the set is known. Null where the database did not say: the batch must wait. */
  of(batch: unknown): SetBits | Promise<SetBits | null>;
};

const BITS_SQL = `SELECT f.position - 1 AS bit, x.snaplen, c.id FROM filter_set s
  LEFT JOIN (unnest(s.filter_ids) WITH ORDINALITY AS f(id, position) LEFT JOIN filter x ON x.id = f.id LEFT JOIN capture c ON c.filter_id = f.id) ON true
  WHERE s.number = $1::bigint`;
type BitRow = { readonly bit: string | null; readonly snaplen: number | null; readonly id: string | null };

/** Knows by filter set what is captured. A set never changes; what is not here yet is read when its first batch comes. */
export function createCaptureBook(pool: pg.Pool, log: Logger): CaptureBook {
  const known = new Map<number, SetBits>([[0, NO_CAPTURES]]);

  async function read(set: number): Promise<SetBits | null> {
    try {
      const { rows } = await pool.query<BitRow>(BITS_SQL, [set]);
      const bits = bitsOf(rows);
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
      if (!(batch instanceof Uint8Array) || batch.byteLength < BATCH_HEADER_BYTES) return NO_CAPTURES;
      const view = viewOf(batch);
      if (view.getUint16(headerAt.kind, true) !== BatchKind.records) return NO_CAPTURES;
      const set = view.getUint32(headerAt.filterSet, true);
      return known.get(set) ?? read(set);
    },
  };
}

function bitsOf(rows: readonly BitRow[]): SetBits {
  const captures: CaptureBit[] = [];
  const live: number[] = [];
  for (const { bit, snaplen, id } of rows) {
    if (bit === null) continue;
    const asked = snaplen ?? EVERYTHING.snaplen;
    live[Number(bit)] = id === null ? asked : Math.min(asked, EVERYTHING.snaplen);
    if (id !== null) captures.push({ captureId: id, bit: Number(bit), snaplen: asked });
  }
  return captures.length === 0 ? NO_CAPTURES : { captures, live };
}
