import { performance } from "node:perf_hooks";
import type pg from "pg";
import { copyRows } from "../../../apps/web/src/server/store/copy-series.ts";
import { series } from "../../../apps/web/src/server/store/series.ts";
import { FLOWS, flowRows } from "./flows.ts";

/** Batches of a transaction: 48,000 rows, more than the hub ever puts into one. */
const BATCHES = 20;

/** Copies rows that lie ready, over one connection, a transaction after the other, for so long; rows a second. */
export async function bareCopy(database: pg.Pool, seconds: number): Promise<number> {
  const rows = flowRows(BATCHES, Date.now());
  const client = await database.connect();
  try {
    const begin = performance.now();
    let copied = 0;
    while (performance.now() - begin < seconds * 1000) {
      await client.query("BEGIN");
      await copyRows(client, { table: "flow_records", columns: series.flow_records }, [rows]);
      await client.query("COMMIT");
      copied += BATCHES * FLOWS;
    }
    return copied / ((performance.now() - begin) / 1000);
  } finally {
    client.release();
  }
}
