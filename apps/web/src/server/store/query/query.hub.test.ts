import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseSeed, seeded } from "../../../../../../test/support/random.ts";
import { insertFlows, makeHours, makeTestHosts, randomFlows, sumsBy, type TestFlow, type TestHost } from "../../../../test/flow-rows.ts";
import { startPostgres, type TestPostgres } from "../../../../test/postgres.ts";
import { parseQuery, type Query } from "../../../domain/query/index.ts";
import { applyMigrations } from "../../boot/migrate.ts";
import { openQueries } from "../../boot/queries-pool.ts";
import { compareFlows } from "./compare.ts";
import { flowPage, type Place } from "./flow-page.ts";
import { flowHistogram } from "./histogram.ts";
import { runQuery } from "./run.ts";
import { topFlows } from "./top.ts";

const migrations = fileURLToPath(new URL("../../../../../../prisma/migrations", import.meta.url));
const seed = chooseSeed(process.env["SEED"]);
const random = seeded(seed);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const from = Date.UTC(2026, 10, 20, 9, 17);
const to = from + 3 * HOUR;

let postgres: TestPostgres;
let pool: pg.Pool;
let queries: pg.Pool;
let hosts: TestHost[];
let flows: TestFlow[];
beforeAll(async () => {
  console.log(`seed ${seed}`);
  postgres = await startPostgres();
  pool = new pg.Pool({ connectionString: postgres.url });
  queries = openQueries(postgres.url);
  for (const one of [pool, queries]) one.on("error", () => {}); // ended, it still hears the server stop
  const client = await pool.connect();
  await applyMigrations(client, migrations);
  client.release();
  hosts = await makeTestHosts(pool, 6);
  flows = randomFlows(random, hosts, { count: 4000, from, to });
  await makeHours(pool, flows);
  await insertFlows(pool, flows);
}, 60_000);
afterAll(async () => {
  await Promise.all([pool.end(), queries.end()]);
  await postgres.stop();
});

function queryOf(text: string): Query {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.query;
}

const ask = (text = ""): { query: Query; scope: null; from: number; to: number } => ({ query: queryOf(text), scope: null, from, to });

const asTexts = (sums: { flows: number; packets: number; bytes: number }): object => ({
  flows: String(sums.flows),
  packets: String(sums.packets),
  bytes: String(sums.bytes),
});

/** All levels of sums from the records, whole until a time. */
async function sumUp(until: number): Promise<void> {
  for (const [table, minutes] of [
    ["flow_counters_1m", 1],
    ["flow_counters_10m", 10],
    ["flow_counters_1h", 60],
  ] as const) {
    await pool.query(`CREATE TABLE IF NOT EXISTS ${table}_all PARTITION OF ${table} FOR VALUES FROM ('2026-11-01') TO ('2026-12-01')`);
    const whole = Math.floor(until / (minutes * MINUTE)) * minutes * MINUTE;
    await pool.query(
      `INSERT INTO ${table} (at, flows, frames, packets, bytes, host, interface_id, protocol, direction, verdict)
       SELECT date_bin($1::interval, at, 'epoch'), count(*), sum(frames), sum(packets), sum(bytes), host, interface_id, protocol, direction, verdict
       FROM flow_records WHERE at < $2 GROUP BY 1, 6, 7, 8, 9, 10`,
      [`${minutes} min`, new Date(whole)],
    );
    await pool.query("INSERT INTO rollup_mark (level, until) VALUES ($1, $2) ON CONFLICT (level) DO UPDATE SET until = EXCLUDED.until", [
      table,
      new Date(whole),
    ]);
  }
}

describe.each(["from records", "from sums as far as they go"])("%s", (how) => {
  beforeAll(async () => {
    if (how !== "from records") await sumUp(to - 7 * MINUTE);
  });

  test.each([
    ["ip.src", (flow: TestFlow) => [flow.source]],
    ["ip.addr", (flow: TestFlow) => [...new Set([flow.source, flow.destination])]],
    ["peer", (flow: TestFlow) => [flow.direction === 1 ? flow.source : flow.destination]],
    ["ip.src,ip.dst", (flow: TestFlow) => [`${flow.source},${flow.destination}`]],
    ["dstport", (flow: TestFlow) => [flow.protocol === 1 ? "null" : String(flow.destinationPort)]],
    ["ip.addr,port", (flow: TestFlow) => ends(flow)],
    ["ip.proto,direction", (flow: TestFlow) => [`${protocolName(flow)},${flow.direction === 1 ? "in" : "out"}`]],
    ["verdict", (flow: TestFlow) => [flow.verdict === 1 ? "drop" : "pass"]],
    ["vlan.id", (flow: TestFlow) => [flow.vlan === -1 ? "null" : String(flow.vlan)]],
    ["host.name", (flow: TestFlow) => [hostOf(flow).name]],
    ["host.id,interface", (flow: TestFlow) => [`${hostOf(flow).id},${hostOf(flow).interfaces[0] === flow.interface ? "eth0" : "eth1"}`]],
    ["host.label.env", (flow: TestFlow) => [hostOf(flow).env]],
    ["tcp", (flow: TestFlow) => [String(flow.protocol === 6)]],
  ])("the top of %s is what the records add up to", async (by, keysOf) => {
    const expected = sumsBy(flows, keysOf);
    const top = await topFlows(queries, { ...ask(), by: by.split(","), measure: "bytes", n: 1000 });
    expect(Object.fromEntries(top.items.map(({ key, ...sums }) => [key.join(","), sums]))).toEqual(
      Object.fromEntries([...expected].map(([key, sums]) => [key.replaceAll("null", ""), asTexts(sums)])),
    );
    expect(top.groups).toBe(expected.size);
    const order = top.items.map((one) => BigInt(one.bytes));
    expect(order).toEqual(order.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
  });

  test("a histogram holds each record once, in its bucket, whatever the step", async () => {
    for (const stepMs of [30_000, MINUTE, 10 * MINUTE, 20 * MINUTE, HOUR]) {
      const range = { from: Math.floor(from / stepMs) * stepMs, to: Math.ceil(to / stepMs) * stepMs };
      const [all, ...more] = await flowHistogram(queries, { ...ask(), ...range, stepMs, by: [], measure: "bytes", n: 5, now: to });
      expect(more).toEqual([]);
      const expected = sumsBy(flows, (flow) => [String(Math.floor((flow.at - range.from) / stepMs))]);
      all!.bytes.forEach(
        (bytes, i) => bytes !== null && expect([stepMs, i, bytes]).toEqual([stepMs, i, String(expected.get(String(i))?.bytes ?? 0)]),
      );
      expect(all!.flows.reduce((sum, count) => sum + Number(count), 0)).toBe(flows.length);
      expect(all!.bytes).toHaveLength((range.to - range.from) / stepMs);
    }
  });

  test("a histogram by a field names the largest groups and keeps the rest", async () => {
    const range = { from: Math.floor(from / HOUR) * HOUR, to: Math.ceil(to / HOUR) * HOUR };
    const series = await flowHistogram(queries, {
      ...ask("tcp || udp"),
      ...range,
      stepMs: HOUR,
      by: ["host.name"],
      measure: "packets",
      n: 2,
      now: to,
    });
    const expected = [
      ...sumsBy(
        flows.filter((flow) => flow.protocol !== 1),
        (flow) => [hostOf(flow).name],
      ),
    ].toSorted((a, b) => b[1].packets - a[1].packets);
    expect(series.map((one) => one.key)).toEqual([[expected[0]![0]], [expected[1]![0]], null]);
    const total = (counts: readonly (string | null)[]): number => counts.reduce((sum, count) => sum + Number(count), 0);
    const rest = expected.slice(2).reduce((sum, [, group]) => sum + group.packets, 0);
    expect(series.map((one) => total(one.packets))).toEqual([expected[0]![1].packets, expected[1]![1].packets, rest]);
  });

  test("two windows are compared by their rates", async () => {
    const middle = from + 2 * HOUR;
    const before = { from, to: middle };
    const answer = await compareFlows(queries, { ...ask(), from: middle, before, by: ["host.name"], measure: "flows", n: 100, factor: 1 });
    const was = sumsBy(
      flows.filter((flow) => flow.at < middle),
      (flow) => [hostOf(flow).name],
    );
    const is = sumsBy(
      flows.filter((flow) => flow.at >= middle),
      (flow) => [hostOf(flow).name],
    );
    expect(answer.counts).toMatchObject({ new: 0, gone: 0 });
    for (const { key, before: b, now, ratio } of answer.items) {
      const name = key[0]!;
      expect([b, now]).toEqual([String(was.get(name)!.flows), String(is.get(name)!.flows)]);
      expect(ratio).toBeCloseTo(is.get(name)!.flows / (was.get(name)!.flows / 2), 9);
    }
  });
});

test("what is new and what is gone is told apart", async () => {
  const only = (at: number, address: string): TestFlow => ({ ...flows[0]!, at, source: address, bytes: 1000 });
  await insertFlows(pool, [only(from + 1, "192.0.2.1"), only(to - 1, "192.0.2.2")]);
  const query = queryOf("ip.src == 192.0.2.0/24");
  const answer = await compareFlows(queries, {
    ...ask(),
    query,
    from: to - HOUR,
    before: { from, to: from + HOUR },
    by: ["ip.src"],
    measure: "bytes",
    n: 10,
    factor: 2,
  });
  expect(answer).toEqual({
    items: [
      { key: ["192.0.2.1"], change: "gone", before: "1000", now: "0", ratio: 0 },
      { key: ["192.0.2.2"], change: "new", before: "0", now: "1000", ratio: null },
    ],
    counts: { new: 1, gone: 1, changed: 0, same: 0 },
  });
  await pool.query("DELETE FROM flow_records WHERE source_address <<= '192.0.2.0/24'");
});

describe("pages", () => {
  /** All pages of a question. */
  async function allPages(text: string, limit: number): Promise<{ at: string; source: string }[]> {
    const found: { at: string; source: string }[] = [];
    let after: Place | null = null;
    do {
      const page: Awaited<ReturnType<typeof flowPage>> = await flowPage(queries, {
        ...ask(text),
        after,
        limit,
        budgetMs: 10_000,
        clock: () => 0,
      });
      expect(page.items.length).toBeLessThanOrEqual(limit);
      found.push(...page.items.map((item) => ({ at: item.at, source: item.sourceAddress })));
      after = page.next;
    } while (after);
    return found;
  }
  const expected = (rows: readonly TestFlow[]): string[] =>
    rows.map((flow) => `${new Date(flow.at).toISOString().replace("Z", "000Z")} ${flow.source}`).toSorted();

  test.each([
    ["", 997],
    ["tcp && ip.addr == 10.0.0.3", 100],
    ["ip.src == 10.0.0.0/30 && host.label.env == test", 60],
    ["ip.addr == 10.9.9.9", 10],
  ])("%s: %i at a time, each record comes once, newest first", async (text, limit) => {
    const rows = flows.filter((flow) => {
      if (text.startsWith("tcp")) return flow.protocol === 6 && (flow.source === "10.0.0.3" || flow.destination === "10.0.0.3");
      if (text.startsWith("ip.src")) return /^10\.0\.0\.[0-3]$/.test(flow.source) && hostOf(flow).env === "test";
      return text === "";
    });
    const found = await allPages(text, limit);
    expect(found.map(({ at, source }) => `${at} ${source}`).toSorted()).toEqual(expected(rows));
    expect(found.map((row) => row.at)).toEqual(
      found
        .map((row) => row.at)
        .toSorted()
        .reverse(),
    );
  });

  test("a search that takes too long says how far it got, and goes on from there", async () => {
    let now = 0;
    const asked = { ...ask("ip.addr == 10.9.9.9"), limit: 10, budgetMs: 100, clock: () => (now += 60) };
    const first = await flowPage(queries, { ...asked, after: null });
    expect(first).toMatchObject({ items: [], stopped: true });
    expect(first.next!.atUs).toBeLessThan(to * 1000);
    const second = await flowPage(queries, { ...asked, after: first.next });
    expect(second.next!.atUs).toBeLessThan(first.next!.atUs);
  });

  test("a time that is no longer kept ends the walk", async () => {
    const page = await flowPage(queries, {
      ...ask(),
      from: from - 1000 * HOUR,
      to: from,
      after: null,
      limit: 10,
      budgetMs: 1000,
      clock: () => 0,
    });
    expect(page).toEqual({ items: [], next: null, stopped: false });
  });
});

test("a range of which nothing is kept has empty answers", async () => {
  const gone = { ...ask(), from: from - 1000 * HOUR, to: from - 999 * HOUR };
  const by = ["ip.addr", "host.name"];
  const none = { flows: "0", packets: "0", bytes: "0" };
  expect(await topFlows(queries, { ...gone, by, measure: "bytes", n: 10 })).toEqual({ items: [], groups: 0, total: none });
  expect(await flowHistogram(queries, { ...gone, stepMs: HOUR, by, measure: "bytes", n: 10, now: to })).toEqual([]);
  const [series] = await flowHistogram(queries, { ...gone, stepMs: HOUR, by: [], measure: "bytes", n: 10, now: to });
  expect(series!.bytes.every((bytes) => bytes === null)).toBe(true);
  const before = { from: gone.from - HOUR, to: gone.from };
  const compared = await compareFlows(queries, { ...gone, before, by, measure: "bytes", n: 10, factor: 2 });
  expect(compared).toEqual({ items: [], counts: { new: 0, gone: 0, changed: 0, same: 0 } });
});

test("a question that takes too long is given up, and its connection is good for others", async () => {
  const slow = runQuery(queries, { text: "SELECT pg_sleep(20)", values: [], timeoutMs: 20 });
  await expect(slow).rejects.toMatchObject({ code: "QUERY_LIMIT", message: expect.stringContaining("narrow the time range") });
  expect(await runQuery(queries, { text: "SELECT 1 AS one", values: [], timeoutMs: 1000 })).toEqual([{ one: 1 }]);
});

test("a bucket that nobody knows of is null, one in which nothing was is 0", async () => {
  const day = { from: Math.floor(from / HOUR) * HOUR - 2 * HOUR, to: Math.ceil(to / HOUR) * HOUR + 2 * HOUR };
  const [series] = await flowHistogram(queries, { ...ask("dstport == 9"), ...day, stepMs: HOUR, by: [], measure: "bytes", n: 1, now: to });
  expect(series!.flows).toEqual([null, null, "0", "0", "0", "0", null, null].slice(0, series!.flows.length));
});

const hostOf = (flow: TestFlow): TestHost => hosts.find((host) => host.number === flow.host)!;
const protocolName = (flow: TestFlow): string => ({ 6: "tcp", 17: "udp", 1: "icmp" })[flow.protocol]!;
function ends(flow: TestFlow): string[] {
  const port = (number: number): string => (flow.protocol === 1 ? "null" : String(number));
  const [a, b] = [`${flow.source},${port(flow.sourcePort)}`, `${flow.destination},${port(flow.destinationPort)}`];
  const same = flow.source === flow.destination && flow.sourcePort === flow.destinationPort;
  return same ? [a] : [a, b];
}
