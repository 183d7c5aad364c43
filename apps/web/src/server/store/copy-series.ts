import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { series, seriesTables, type EncodedRows, type SeriesTable } from "./series.ts";

/** Header (signature, flags, no extension) and trailer of Postgres' binary COPY format. */
const COPY_HEADER = Buffer.from("5047434f50590aff0d0a000000000000000000", "hex");
const COPY_TRAILER = Buffer.from("ffff", "hex");

/** Copies encoded rows into their series, a table after the other, in the client's transaction. */
export async function copySeries(client: pg.PoolClient, encoded: readonly EncodedRows[]): Promise<void> {
  for (const table of seriesTables) {
    const chunks = encoded.filter((rows) => rows.table === table && rows.count > 0).map((rows) => rows.bytes);
    if (chunks.length > 0) await copy(client, table, chunks);
  }
}

async function copy(client: pg.PoolClient, table: SeriesTable, chunks: readonly Uint8Array[]): Promise<void> {
  const stream = client.query(copyFrom(`COPY ${table} (${series[table].join(", ")}) FROM STDIN (FORMAT binary)`));
  await new Promise<void>((resolve, reject) => {
    stream.once("error", reject).once("finish", resolve);
    // In one piece: the kernel takes it as fast as Postgres reads, whatever else runs on this thread meanwhile.
    stream.end(Buffer.concat([COPY_HEADER, ...chunks, COPY_TRAILER]));
  });
}
