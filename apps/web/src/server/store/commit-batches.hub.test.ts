import { randomUUID } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { viewOf } from "@sonde/protocol";
import { flowBatch, recordBatch, type Of } from "../../../test/batches.ts";
import { startDatabase, type TestDatabase } from "../../../test/database.ts";
import { BatchIntake } from "../hub/batch-intake.ts";
import { commitBatches, type StoredBatch } from "./commit-batches.ts";
import { listPartitions, makePartitions } from "./partitions.ts";
import { defaultRetention } from "./tables.ts";

const now = new Date(Date.UTC(2026, 10, 20, 12));
const RECORDS = 3;
const FRAMES = 5;
const nothing = { records: 0n, counters: 0n, flows: 0n, filterCounters: 0n };
let database: TestDatabase;
let pool: pg.Pool;
let streams: Stream[];
beforeAll(async () => {
  database = await startDatabase();
  ({ pool } = database);
  await makePartitions(pool, await listPartitions(pool), defaultRetention, now.getTime());
});
afterAll(() => database.stop());
beforeEach(async () => {
  await pool.query("TRUNCATE flow_records");
  streams = await Promise.all([announced(), announced(), announced()]);
});

type Stream = Omit<Of, "sequence">;

async function announced(): Promise<Stream> {
  const of = { hostId: randomUUID(), bootId: randomUUID(), stream: 7n };
  await pool.query("INSERT INTO host (id, name) VALUES ($1, 'sim')", [of.hostId]);
  await pool.query("INSERT INTO agent_stream (host_id, boot_id, stream, since, updated_at) VALUES ($1, $2, $3, $4, $4)", [
    of.hostId,
    of.bootId,
    of.stream,
    now,
  ]);
  return of;
}

/** As the hub takes in such batches: of records, which are not kept, or of one flow each. */
function taken(of: Stream, kind: "records" | "flows", ...sequences: readonly number[]): StoredBatch[] {
  const interfaces = new Map([[1, 1]]);
  const times = { atUs: () => now.getTime() * 1000, bootToWallNs: () => 0n };
  return sequences.map((number) => {
    const sequence = BigInt(number);
    const state = { ...of, hostNumber: 1, announced: () => ({ interfaces, uplinks: new Set<number>() }), times, keepsPackets: () => false };
    const intake = new BatchIntake(state, { ...nothing, [kind]: sequence - 1n });
    const bytes =
      kind === "records"
        ? recordBatch({ ...of, sequence }, RECORDS)
        : flowBatch({ ...of, sequence }, [{ ifindex: 1, direction: 1, frames: FRAMES }]);
    const verdict = intake.take(viewOf(bytes), true);
    if (verdict.kind !== "accept") throw new Error(`the batch was not taken: ${verdict.kind}`);
    return verdict.batch;
  });
}

type Stands = { records: number; flows: number; stored: number; rows: number };

/** The last sequences of a stream, its stored records, and the rows of all streams. */
async function standing({ hostId }: Stream): Promise<Stands> {
  const { rows } = await pool.query<Stands>(
    `SELECT records_seq::int AS records, flows_seq::int AS flows, stored::int, (SELECT count(*)::int FROM flow_records) AS rows
     FROM agent_stream WHERE host_id = $1`,
    [hostId],
  );
  return rows[0]!;
}

const commit = (batches: readonly StoredBatch[]) => commitBatches(pool, batches, now);

test("records of several hosts, and flows with them, are in once and each ledger is told", async () => {
  const [one, two] = streams as [Stream, Stream];
  const { ledgers } = await commit([...taken(one, "records", 1, 2), ...taken(two, "records", 1)]);
  expect(new Map(ledgers.map((row) => [row.hostId, row.stored]))).toEqual(
    new Map([
      [one.hostId, 6n],
      [two.hostId, 3n],
    ]),
  );
  await commit([...taken(one, "records", 3), ...taken(one, "flows", 1, 2), ...taken(two, "flows", 1)]);
  expect(await standing(one)).toEqual({ records: 3, flows: 2, stored: 9, rows: 3 });
  expect(await standing(two)).toEqual({ records: 1, flows: 1, stored: 3, rows: 3 });
});

test("SPEC 4.4: what comes again because the commit's answer was lost counts once, whatever comes with it", async () => {
  const [one, two] = streams as [Stream, Stream];
  const first = [...taken(one, "records", 1, 2), ...taken(two, "records", 1)];
  await commit(first);
  expect((await commit(first)).ledgers).toEqual([]);
  const { ledgers } = await commit([...taken(one, "records", 2, 3), ...taken(one, "flows", 1)]);
  expect(ledgers.map((row) => row.stored)).toEqual([9n]);
  expect(await standing(one)).toEqual({ records: 3, flows: 1, stored: 9, rows: 1 });
  await commit([...taken(one, "flows", 1), ...taken(two, "flows", 1)]);
  expect(await standing(one)).toEqual({ records: 3, flows: 1, stored: 9, rows: 2 });
  expect(await standing(two)).toEqual({ records: 1, flows: 1, stored: 3, rows: 2 });
});

test("a gap, or a stream that nobody announced, is refused as data and changes nothing of anybody", async () => {
  const [one, two] = streams as [Stream, Stream];
  const refused = { code: "22000" };
  await expect(commit([...taken(one, "records", 1), ...taken(two, "records", 2)])).rejects.toMatchObject(refused);
  await expect(commit([...taken(one, "records", 1, 3)])).rejects.toMatchObject(refused);
  await expect(commit([...taken(one, "flows", 1), ...taken({ ...two, stream: 8n }, "flows", 1)])).rejects.toMatchObject(refused);
  for (const each of [one, two]) expect(await standing(each)).toEqual({ records: 0, flows: 0, stored: 0, rows: 0 });
});

test("two that commit the same batches at once, in whatever order, wait for each other and count them once", async () => {
  const of = (sequence: number): StoredBatch[] =>
    streams.flatMap((one) => [...taken(one, "records", sequence), ...(sequence % 2 === 0 ? taken(one, "flows", sequence / 2) : [])]);
  for (let sequence = 1; sequence <= 20; sequence++) {
    await Promise.all([commit(of(sequence)), commit(of(sequence).toReversed()), commit(of(sequence))]);
  }
  for (const each of streams) expect(await standing(each)).toEqual({ records: 20, flows: 10, stored: 20 * RECORDS, rows: 30 });
});
