import { uuidToBytes } from "@sonde/protocol";
import type pg from "pg";
import { cutPart, type CapturedPart } from "./capture-take.ts";
import type { StoredBatch } from "./commit-batches.ts";
import { CopyRows, MAX_I64 } from "./copy-rows.ts";
import { copyRows } from "./copy-series.ts";

const COLUMNS = ["capture_id", "number", "host_id", "first_ns", "last_ns", "boot_to_wall_ns", "packets", "records"] as const;
/** Of a row without its records: the count of fields, their lengths and values. */
const ROW_BYTES = 2 + COLUMNS.length * 4 + 2 * 16 + 4 * 8 + 4;
const MAX_I32 = 0x7fff_ffff;

/** Locked in order of their ids, so that what is left of the limits is exact while two transactions add to them. */
const LOCK_SQL = `SELECT id, max_packets, max_bytes, packets, bytes, batches, end_reason FROM capture WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`;
const HOSTS_SQL = `SELECT capture_id, host_id, boot_id, boot_to_wall_ns FROM capture_host
  WHERE capture_id = ANY($1::uuid[]) AND host_id = ANY($2::uuid[])`;
const ADD_TO_HOSTS_SQL = `UPDATE capture_host h SET packets = h.packets + d.packets, bytes = h.bytes + d.bytes,
    sample_n = GREATEST(h.sample_n, d.sample_n), started_at = COALESCE(h.started_at, $6)
  FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::int[]) AS d(capture_id, host_id, packets, bytes, sample_n)
  WHERE h.capture_id = d.capture_id AND h.host_id = d.host_id`;
const ADVANCE_SQL = `UPDATE capture c SET packets = d.packets, bytes = d.bytes, batches = d.batches,
    ended_at = CASE WHEN d.full_by IS NULL THEN c.ended_at ELSE COALESCE(c.ended_at, $6) END, end_reason = COALESCE(d.full_by, c.end_reason)
  FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[]) AS d(id, packets, bytes, batches, full_by)
  WHERE c.id = d.id`;

type CaptureRow = Record<"id" | "max_packets" | "max_bytes" | "packets" | "bytes" | "batches", string> & { end_reason: string | null };
type HostRow = { capture_id: string; host_id: string; boot_id: string | null; boot_to_wall_ns: string | null };

/** A capture as far as this transaction has brought it. */
type Filling = {
  readonly id: string;
  readonly maxPackets: number;
  readonly maxBytes: number;
  packets: number;
  bytes: number;
  batches: number;
  /** The limit that the next packet would have exceeded, or that was met. */
  fullBy: "packets" | "bytes" | null;
};
type Row = { readonly batch: StoredBatch; readonly part: CapturedPart; readonly number: number; readonly bootToWallNs: bigint };

/**
 * Stores what captures took of these batches, which are not stored yet, up to the limits of each capture; what is
 * beyond them, or of a host that a capture does not name, is left out (SPEC 10.1). A capture that is full has ended.
 * Returns those that packets came to.
 */
export async function keepCaptured(client: pg.PoolClient, batches: readonly StoredBatch[], now: Date): Promise<string[]> {
  const taking = batches.filter((batch) => batch.captured !== null && batch.captured.parts.length > 0);
  if (taking.length === 0) return [];
  const ids = [...new Set(taking.flatMap((batch) => batch.captured!.parts.map((part) => part.captureId)))];
  const captures = await client.query<CaptureRow>(LOCK_SQL, [ids]);
  const hosts = await client.query<HostRow>(HOSTS_SQL, [ids, [...new Set(taking.map((batch) => batch.hostId))]]);
  const fillings = new Map(captures.rows.map((row) => [row.id, fillingOf(row)]));
  const places = new Map(hosts.rows.map((row) => [`${row.capture_id}/${row.host_id}`, row]));
  const rows: Row[] = [];
  for (const batch of taking) {
    for (const part of batch.captured!.parts) {
      const filling = fillings.get(part.captureId);
      const place = places.get(`${part.captureId}/${batch.hostId}`);
      if (!filling || !place) continue;
      const fits = fill(filling, part);
      const wall = place.boot_id === batch.bootId ? place.boot_to_wall_ns : null;
      const bootToWallNs = wall === null ? BigInt.asIntN(64, batch.captured!.bootToWallNs) : BigInt(wall);
      if (fits) rows.push({ batch, part: fits, number: ++filling.batches, bootToWallNs });
    }
  }
  if (rows.length > 0) {
    await copyRows(client, { table: "capture_batch", columns: COLUMNS }, rows.map(encode));
    await addToHosts(client, rows, now);
  }
  await advance(client, [...fillings.values()], now);
  return [...fillings.keys()];
}

function fillingOf(row: CaptureRow): Filling {
  const { id, end_reason: reason } = row;
  const fullBy = reason === "packets" || reason === "bytes" ? reason : null;
  return {
    id,
    maxPackets: Number(row.max_packets),
    maxBytes: Number(row.max_bytes),
    packets: Number(row.packets),
    bytes: Number(row.bytes),
    batches: Number(row.batches),
    fullBy,
  };
}

/** What of a part still fits; null: nothing. */
function fill(filling: Filling, part: CapturedPart): CapturedPart | null {
  if (filling.fullBy !== null) return null;
  const packets = filling.maxPackets - filling.packets;
  const bytes = filling.maxBytes - filling.bytes;
  const whole = part.packets <= packets && part.bytes <= bytes;
  const fits = whole ? part : cutPart(part, packets, bytes);
  filling.packets += fits?.packets ?? 0;
  filling.bytes += fits?.bytes ?? 0;
  if (filling.packets === filling.maxPackets) filling.fullBy = "packets";
  else if (!whole || filling.bytes === filling.maxBytes) filling.fullBy = "bytes";
  return fits;
}

function encode({ batch, part, number, bootToWallNs }: Row): Uint8Array {
  const out = new CopyRows(ROW_BYTES + part.records.length);
  out.row(COLUMNS.length);
  out.uuid(uuidBytes(part.captureId));
  out.i64(number);
  out.uuid(uuidBytes(batch.hostId));
  out.big(within(part.firstNs + bootToWallNs));
  out.big(within(part.lastNs + bootToWallNs));
  out.big(bootToWallNs);
  out.i32(part.packets);
  out.bytea(part.records);
  return out.bytes;
}

async function addToHosts(client: pg.PoolClient, rows: readonly Row[], now: Date): Promise<void> {
  const sums = new Map<string, { captureId: string; hostId: string; packets: number; bytes: number; sampleN: number }>();
  for (const { batch, part } of rows) {
    const key = `${part.captureId}/${batch.hostId}`;
    const sum = sums.get(key) ?? { captureId: part.captureId, hostId: batch.hostId, packets: 0, bytes: 0, sampleN: 1 };
    sum.packets += part.packets;
    sum.bytes += part.bytes;
    sum.sampleN = Math.max(sum.sampleN, Math.min(part.sampleN, MAX_I32));
    sums.set(key, sum);
  }
  const all = [...sums.values()];
  await client.query(ADD_TO_HOSTS_SQL, [
    all.map((one) => one.captureId),
    all.map((one) => one.hostId),
    all.map((one) => one.packets),
    all.map((one) => one.bytes),
    all.map((one) => one.sampleN),
    now,
  ]);
}

async function advance(client: pg.PoolClient, all: readonly Filling[], now: Date): Promise<void> {
  await client.query(ADVANCE_SQL, [
    all.map((one) => one.id),
    all.map((one) => one.packets),
    all.map((one) => one.bytes),
    all.map((one) => one.batches),
    all.map((one) => one.fullBy),
    now,
  ]);
}

function uuidBytes(uuid: string): Uint8Array {
  const bytes = new Uint8Array(16);
  uuidToBytes(uuid, new DataView(bytes.buffer), 0);
  return bytes;
}

/** A time that a host made up stays one that the column holds. */
function within(ns: bigint): bigint {
  return ns < 0n ? 0n : ns > MAX_I64 ? MAX_I64 : ns;
}
