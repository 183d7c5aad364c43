import { fileURLToPath } from "node:url";
import { BATCH_HEADER_BYTES, checkBatch, viewOf } from "@sonde/protocol";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPostgres, type TestPostgres } from "../../../../test/postgres.ts";
import { parseQuery, predicateOf, type HostFacts, type Query, type RowKind, type RowView } from "../../../domain/query/index.ts";
import { someQuery, someTerm, testHosts, testInterfaces } from "../../../domain/query/testQueries.ts";
import { applyMigrations } from "../../boot/migrate.ts";
import { copySeries } from "../copy-series.ts";
import { encodeFlows } from "../encode-flows.ts";
import { encodePackets } from "../encode-packets.ts";
import { SqlParams } from "./params.ts";
import { flowBatchBy, packetBatchBy } from "./test-rows.ts";
import { whereOf } from "./where.ts";

const seed = Number(process.env["SONDE_SEED"] ?? Date.now() % 2 ** 31);
const migrations = fileURLToPath(new URL("../../../../../../prisma/migrations", import.meta.url));
const ROWS = 150;
const T0_MS = Date.UTC(2026, 10, 21);

/** Labels by source, as the database has them; the effective ones are written out beside. */
const labels: readonly { stored: Record<string, Record<string, string>>; effective: Record<string, string> }[] = [
  { stored: { hand: { env: "prod" }, agent: { env: "test", "team.role": "edge" } }, effective: { env: "prod", "team.role": "edge" } },
  { stored: { token: { env: "test", "team.role": "prod" }, agent: { env: "prod" } }, effective: { env: "test", "team.role": "prod" } },
  { stored: { hand: { "team.role": "core" }, token: { "team.role": "edge" } }, effective: { "team.role": "core" } },
  { stored: {}, effective: {} },
];

let postgres: TestPostgres;
let client: pg.Client;
/** Every stored row, in the order of the table. */
const rows: Record<RowKind, RowView[]> = { flows: [], packets: [] };

beforeAll(async () => {
  postgres = await startPostgres();
  client = new pg.Client({ connectionString: postgres.url });
  client.on("error", () => {});
  await client.connect();
  await applyMigrations(client, migrations);
  for (const table of ["flow_records", "packet_records"]) await client.query(`CREATE TABLE ${table}_all PARTITION OF ${table} DEFAULT`);
  for (const [i, name] of testHosts.entries()) await addHost(i, name);
  await client.query("ANALYZE");
}, 60_000);
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

async function addHost(i: number, name: string): Promise<void> {
  const host = await client.query<{ id: string; number: number }>(
    "INSERT INTO host (id, name) VALUES (gen_random_uuid(), $1) RETURNING id, number",
    [name],
  );
  const { id = "", number = 0 } = host.rows[0] ?? {};
  const { stored = {}, effective = {} } = labels[i] ?? {};
  for (const [source, pairs] of Object.entries(stored))
    for (const [key, value] of Object.entries(pairs))
      await client.query("INSERT INTO host_label VALUES ($1, $2, $3, $4)", [id, key, source, value]);
  const interfaces = new Map<number, number>();
  const names = new Map<number, string>();
  for (const [n, device] of testInterfaces.entries()) {
    const ifindex = ((n + i) % testInterfaces.length) + 1;
    const made = await client.query<{ id: number }>(
      "INSERT INTO interface (host_id, name, ifindex, kind, mtu, up, hook) VALUES ($1, $2, $3, 'veth', 1500, true, 'tcx') RETURNING id",
      [id, device, ifindex],
    );
    interfaces.set(ifindex, made.rows[0]?.id ?? 0);
    names.set(ifindex, device);
  }
  const facts: HostFacts = { id, name, labels: effective, interfaces: names };
  await addFlows(i, facts, { number, interfaces });
  await addPackets(i, facts, { number, interfaces });
}

type Numbers = { readonly number: number; readonly interfaces: ReadonlyMap<number, number> };

/** Each in a batch of its own, for each row then has its own time. */
async function addFlows(i: number, host: HostFacts, { number, interfaces }: Numbers): Promise<void> {
  for (let n = i * ROWS; n < (i + 1) * ROWS; n++) {
    const view = viewOf(flowBatchBy(seed + n, 1));
    const header = checkBatch(view);
    if (!header.ok) throw new Error(header.code);
    const of = { view, header: header.value, interfaces, uplinks: new Set<number>(), hostUuid: new Uint8Array(16) };
    const encoded = encodeFlows({ ...of, hostNumber: number, atUs: T0_MS * 1000 + n });
    if (!encoded.ok) throw new Error(encoded.code);
    await copySeries(client as unknown as pg.PoolClient, [encoded.value]);
    rows.flows.push({ view, at: BATCH_HEADER_BYTES, host, writtenNs: Number(header.value.lastNs) });
  }
}

/** Likewise. */
async function addPackets(i: number, host: HostFacts, { number, interfaces }: Numbers): Promise<void> {
  for (let n = i * ROWS; n < (i + 1) * ROWS; n++) {
    const view = viewOf(packetBatchBy(seed + n));
    const header = checkBatch(view);
    if (!header.ok) throw new Error(header.code);
    const of = { view, header: header.value, interfaces, uplinks: new Set<number>(), hostUuid: new Uint8Array(16) };
    await copySeries(client as unknown as pg.PoolClient, [encodePackets({ ...of, hostNumber: number, atUs: T0_MS * 1000 + n })]);
    rows.packets.push({ view, at: BATCH_HEADER_BYTES, host, writtenNs: 0 });
  }
}

const tables = { flows: "flow_records", packets: "packet_records" } as const;

/** One letter a row: t, f or n of NULL; and how many a WHERE finds. */
async function inPostgres(query: Query, kind: RowKind): Promise<[hits: string, found: number]> {
  const params = new SqlParams();
  const where = whereOf(query, params, kind);
  const { rows: answer } = await client.query<{ hits: string; found: number }>(
    `SELECT (SELECT string_agg(coalesce(left((${where})::text, 1), 'n'), '' ORDER BY f.at) FROM ${tables[kind]} f) AS hits,
            (SELECT count(*)::int FROM ${tables[kind]} f WHERE ${where}) AS found`,
    params.values,
  );
  return [answer[0]?.hits ?? "", answer[0]?.found ?? -1];
}

function inMemory(query: Query, kind: RowKind): [hits: string, found: number] {
  const predicate = predicateOf(query, kind);
  const hits = rows[kind].map((row) => (predicate(row) ? "t" : "f")).join("");
  return [hits, hits.replaceAll("f", "").length];
}

describe(`Postgres and the predicate give the same answers (SONDE_SEED=${seed})`, () => {
  it.each([
    ["single terms", "flows", someTerm, 1500],
    ["whole queries", "flows", someQuery, 1500],
    ["single terms", "packets", someTerm, 1000],
    ["whole queries", "packets", someQuery, 500],
  ] as const)(
    "%s over %s",
    async (_, kind, queries, numRuns) => {
      let some = 0;
      await fc.assert(
        fc.asyncProperty(queries, async (query) => {
          const expected = inMemory(query, kind);
          expect(await inPostgres(query, kind)).toEqual(expected);
          if (expected[1] > 0 && expected[1] < rows[kind].length) some++;
        }),
        { seed, numRuns },
      );
      expect(some).toBeGreaterThan(numRuns / 4);
    },
    120_000,
  );
});

function sqlOf(text: string, kind: RowKind = "flows"): { sql: string; values: unknown[] } {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const params = new SqlParams();
  return { sql: whereOf(parsed.query, params, kind), values: params.values };
}

it("what a person wrote goes into the parameters only", () => {
  const hostile = `x' OR true --`;
  const { sql, values } = sqlOf(`host.name == "${hostile}" && host.label.env in {"${hostile}"} && interface contains "${hostile}"`);
  expect(sql).not.toContain("OR true");
  expect(values).toEqual([hostile, "env", [hostile], hostile]);
  expect(sqlOf("ip.addr == 10.0.0.1 && tcp.port == 443")).toEqual({
    sql: "(((f.source_address = $1::inet OR f.destination_address = $1::inet)) AND (f.protocol = 6 AND (f.source_port = $2::int OR f.destination_port = $2::int)))",
    values: ["10.0.0.1", 443],
  });
  expect(sqlOf("")).toEqual({ sql: "true", values: [] });
});

it("a field that a kind of row lacks is never there", () => {
  expect(sqlOf("flow.bytes > 1 || !(vlan.inner == 1)", "packets").sql).toBe("((false) OR (NOT (false)))");
  expect(sqlOf("frame.len > 1").sql).toBe("(false)");
});

describe("an index on what is equal can be used", () => {
  beforeAll(() => client.query("SET enable_seqscan = off"));
  afterAll(() => client.query("SET enable_seqscan = on"));

  it.each([
    "ip.src == 10.0.0.1",
    "ip.addr == 2001:db8::1",
    "ip.addr in {10.0.0.1, 10.0.0.2, ::1}",
    "tcp.dstport == 443",
    "port == 53",
    "udp.port in {53, 443}",
    'host.name == "web-1"',
    'host.name in {"web-1", db} && host.label.env == prod && !udp',
  ])("%s", async (text) => {
    const { sql, values } = sqlOf(text);
    const { rows: plan } = await client.query(`EXPLAIN SELECT 1 FROM flow_records f WHERE ${sql}`, values);
    expect(plan.map((line) => line["QUERY PLAN"]).join("\n")).toMatch(/Bitmap Index Scan on .*\n *Index Cond: \(\w+ = /);
  });
});
