import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { series } from "../../../apps/web/src/server/store/series.ts";
import { seeded } from "../../support/random.ts";
import { flowRows, hostAddress, type BenchHost } from "./rows.ts";

/** Header (signature, flags, no extension) and trailer of Postgres' binary COPY format. */
const COPY_HEADER = Buffer.from("5047434f50590aff0d0a000000000000000000", "hex");
const COPY_TRAILER = Buffer.from("ffff", "hex");
/** Agents write what flows they have this often. */
const TICK_MS = 10_000;
const HOUR_MS = 3_600_000;

/** Enrols so many hosts with two interfaces each, labelled env=prod or env=test. */
export async function makeHosts(pool: pg.Pool, count: number): Promise<BenchHost[]> {
  const hosts: BenchHost[] = [];
  for (let i = 0; i < count; i++) {
    const id = randomUUID();
    const { rows } = await pool.query<{ number: number }>("INSERT INTO host (id, name) VALUES ($1, $2) RETURNING number", [
      id,
      `host-${i}`,
    ]);
    const made = await pool.query<{ id: number; ifindex: number }>(
      `INSERT INTO interface (host_id, name, ifindex, kind, mtu, up, hook, addresses)
       VALUES ($1, 'eth0', 2, 'physical', 1500, true, 'tcx', ARRAY[$2]), ($1, 'eth1', 3, 'physical', 1500, true, 'tcx', '{}') RETURNING id, ifindex`,
      [id, hostAddress(i)],
    );
    await pool.query("INSERT INTO host_label (host_id, key, source, value) VALUES ($1, 'env', 'token', $2)", [
      id,
      i % 4 === 0 ? "test" : "prod",
    ]);
    hosts.push({ id, number: rows[0]!.number, interfaces: new Map(made.rows.map((row) => [row.ifindex, row.id])) });
  }
  return hosts;
}

/** Copies `total` flow records of the hosts, spread over the time before `to`, as commits do: hosts interleaved, in order of time. */
export async function loadFlows(
  pool: pg.Pool,
  hosts: readonly BenchHost[],
  of: { readonly seed: number; readonly total: number; readonly from: number; readonly to: number },
): Promise<void> {
  const random = seeded(of.seed);
  const ticks = Math.floor((of.to - of.from) / TICK_MS);
  let written = 0;
  for (let hour = 0; hour * HOUR_MS < of.to - of.from; hour++) {
    const client = await pool.connect();
    try {
      const stream = client.query(copyFrom(`COPY flow_records (${series.flow_records.join(", ")}) FROM STDIN (FORMAT binary)`));
      stream.write(COPY_HEADER);
      const last = Math.min(ticks, ((hour + 1) * HOUR_MS) / TICK_MS);
      for (let tick = (hour * HOUR_MS) / TICK_MS; tick < last; tick++) {
        for (let h = 0; h < hosts.length; h++) {
          const due = Math.floor((of.total * (tick * hosts.length + h + 1)) / (ticks * hosts.length)) - written;
          const atUs = (of.from + tick * TICK_MS + Math.floor((h * TICK_MS) / hosts.length)) * 1000 + random.below(1000);
          const fits = stream.write(flowRows(random, hosts, h, due, atUs));
          written += due;
          if (!fits) await once(stream, "drain");
        }
      }
      stream.end(COPY_TRAILER);
      await once(stream, "finish");
    } finally {
      client.release();
    }
  }
  if (written !== of.total) throw new Error(`${written} of ${of.total} rows were written`);
}
