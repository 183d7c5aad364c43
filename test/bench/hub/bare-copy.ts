import { performance } from "node:perf_hooks";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { series } from "../../../apps/web/src/server/store/series.ts";
import { FLOWS, flowRows } from "./flows.ts";

const COPY_HEADER = Buffer.from("5047434f50590aff0d0a000000000000000000", "hex");
const COPY_TRAILER = Buffer.from("ffff", "hex");
/** Batches of a transaction: 48,000 rows, more than the hub ever puts into one. */
const BATCHES = 20;

/** Copies rows that lie ready, over one connection, a transaction after the other, for so long; rows a second. */
export async function bareCopy(database: pg.Pool, seconds: number): Promise<number> {
  const rows = Buffer.concat([COPY_HEADER, flowRows(BATCHES, Date.now()), COPY_TRAILER]);
  const client = await database.connect();
  try {
    const begin = performance.now();
    let copied = 0;
    while (performance.now() - begin < seconds * 1000) {
      await client.query("BEGIN");
      await new Promise<void>((resolve, reject) => {
        const stream = client.query(copyFrom(`COPY flow_records (${series.flow_records.join(", ")}) FROM STDIN (FORMAT binary)`));
        stream.once("error", reject).once("finish", resolve).end(rows);
      });
      await client.query("COMMIT");
      copied += BATCHES * FLOWS;
    }
    return copied / ((performance.now() - begin) / 1000);
  } finally {
    client.release();
  }
}
