import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { due, series, seriesTables, type EncodedRows } from "./series.ts";

/** Header (signature, flags, no extension) and trailer of Postgres' binary COPY format. */
const COPY_HEADER = Buffer.from("5047434f50590aff0d0a000000000000000000", "hex");
const COPY_TRAILER = Buffer.from("ffff", "hex");

/** Copies encoded rows into their series and what these add to the first levels, a table after the other, in the client's transaction. */
export async function copySeries(client: pg.PoolClient, encoded: readonly EncodedRows[]): Promise<void> {
  for (const table of seriesTables) {
    const rows = encoded.filter((one) => one.table === table && one.count > 0);
    if (rows.length === 0) continue;
    await copyRows(
      client,
      { table, columns: series[table] },
      rows.map((one) => one.bytes),
    );
    if (table === "packet_records") continue;
    await copyRows(
      client,
      due[table],
      rows.flatMap((one) => (one.table === "packet_records" ? [] : one.due)),
    );
  }
}

/** Copies rows that are encoded already. */
export async function copyRows(
  client: pg.PoolClient,
  into: { table: string; columns: readonly string[] },
  chunks: readonly Uint8Array[],
): Promise<void> {
  const stream = client.query(copyFrom(`COPY ${into.table} (${into.columns.join(", ")}) FROM STDIN (FORMAT binary)`));
  await new Promise<void>((resolve, reject) => {
    stream.once("error", reject).once("finish", resolve);
    // In one piece: the kernel takes it as fast as Postgres reads, whatever else runs on this thread meanwhile.
    stream.end(Buffer.concat([COPY_HEADER, ...chunks, COPY_TRAILER]));
  });
}
