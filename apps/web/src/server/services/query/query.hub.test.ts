import {
  API_BASE,
  flowCompareSchema,
  flowHistogramSchema,
  flowListSchema,
  flowTopSchema,
  fleetLedgerSchema,
  filterSeriesSchema,
  hostTotalsSchema,
  interfaceSeriesSchema,
  problemSchema,
} from "@sonde/protocol/rest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { chooseSeed, seeded } from "../../../../../../test/support/random.ts";
import { makeTestHosts, randomFlows, storeFlows, type TestFlow, type TestHost } from "../../../../test/flow-rows.ts";
import { startTestHub, type TestHub } from "../../../../test/hub.ts";
import { createApiToken } from "../api-tokens/create.ts";

const seed = chooseSeed(process.env["SEED"]);
const MINUTE = 60_000;

let hub: TestHub;
let hosts: TestHost[];
let flows: TestFlow[];
let from: number;
let to: number;
let all: string;
let prod: string;
beforeAll(async () => {
  console.log(`seed ${seed}`);
  hub = await startTestHub();
  hosts = await makeTestHosts(hub.ctx.series, 6);
  to = Math.floor(Date.now() / MINUTE) * MINUTE;
  from = to - 50 * MINUTE;
  flows = randomFlows(seeded(seed), hosts, { count: 6000, from, to });
  await storeFlows(hub.ctx.series, flows);
  for (const [i, host] of hosts.entries()) {
    await hub.ctx.series.query(
      `INSERT INTO agent_stream (host_id, boot_id, stream, seen, unmatched, sampled_out, ring_lost, no_reader, delivered, queue_lost, stored, refused, flow_frames, unflowed, non_flow)
       VALUES ($1, $1, 1, 100, 50, 20, 3, 2, 25, 4, 18, 1, 80, 10, 5), ($1, $1, 2, $2, 0, 0, 0, 0, $2, 0, $2, 0, $2, 0, 0)`,
      [host.id, i],
    );
    await hub.ctx.series.query(
      "INSERT INTO interface_counters (at, host_id, interface_id, interval_ns, boot_ns, rx_tcp4_frames, rx_tcp4_packets, rx_tcp4_bytes) SELECT $1::timestamptz + s * interval '1 s', $2, $3, 1000000000, 0, 1, 2, 9007199254740993 FROM generate_series(0, 119) s",
      [new Date(to - 10 * MINUTE), host.id, host.interfaces[0]],
    );
    await hub.ctx.series.query(
      "INSERT INTO filter_counters (at, host_id, interval_ns, boot_ns, filter_set, bit, matched, sampled_out, ring_lost, no_reader, delivered) SELECT $1::timestamptz + s * interval '1 s', $2, 1000000000, 0, 3, 1, 10, 4, 3, 2, 1 FROM generate_series(0, 119) s",
      [new Date(to - 10 * MINUTE), host.id],
    );
  }
  await hub.ctx.series.query(
    `INSERT INTO interface_counters (at, host_id, interface_id, interval_ns, boot_ns, tx_udp4_frames, tx_udp4_packets, tx_udp4_bytes,
       tx_drop_udp4_frames, tx_drop_udp4_packets, tx_drop_udp4_bytes, tx_tcp_syn, tx_size_128, tx_malformed)
     VALUES ($1, $2, $3, 1000000000, 0, 7, 8, 900, 2, 2, 200, 5, 6, 1)`,
    [new Date(from - 5 * MINUTE), hosts[0]!.id, hosts[0]!.interfaces[1]],
  );
  for (const table of ["interface_counters", "filter_counters"])
    await hub.ctx.series.query(`INSERT INTO ${table}_10s_due SELECT * FROM ${table}`);
  all = await tokenFor(null);
  prod = await tokenFor({ env: ["prod"] });
}, 60_000);
afterAll(() => hub.stop());

async function tokenFor(scope: Record<string, string[]> | null): Promise<string> {
  const input = { name: "test", access: "read", scope, expiresAt: null } as const;
  return (await createApiToken({ ctx: hub.ctx, actor: { kind: "local" }, input })).token;
}

const send = (path: string, query: Record<string, string>, token: string): Promise<Response> =>
  fetch(`${hub.url}${API_BASE}${path}?${new URLSearchParams(query).toString()}`, { headers: { authorization: `Bearer ${token}` } });
async function get<S extends z.ZodType>(path: string, schema: S, query: Record<string, string> = {}, token = all): Promise<z.output<S>> {
  const response = await send(path, query, token);
  const body: unknown = await response.json();
  expect([response.status, body]).toMatchObject([200, {}]);
  return schema.parse(body);
}
const range = (): Record<string, string> => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
const idsOf = (env: string): string[] =>
  hosts
    .filter((host) => host.env === env)
    .map((host) => host.id)
    .toSorted();
const ofEnv = (env: string): TestFlow[] => flows.filter((flow) => hosts.some((host) => host.number === flow.host && host.env === env));
const total = (counts: readonly (string | null)[]): number => counts.reduce((sum, count) => sum + Number(count), 0);
const unique = (ids: readonly (string | null)[]): string[] => [...new Set(ids.map(String))].toSorted();

describe("a token that sees some hosts gets nothing of the others", () => {
  test("flows, page by page", async () => {
    const seen: (string | null)[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { ...range(), limit: "1000", ...(cursor === null ? {} : { cursor }) };
      const page: z.output<typeof flowListSchema> = await get("/flows", flowListSchema, query, prod);
      seen.push(...page.items.map((flow) => flow.hostId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(ofEnv("prod").length);
    expect(unique(seen)).toEqual(idsOf("prod"));
  });

  test.each(["host.id", "host.id,ip.addr", "host.id,dstport"])("top of %s", async (by) => {
    const top = await get("/flows/top", flowTopSchema, { ...range(), by, n: "1000" }, prod);
    expect(unique(top.items.map((one) => one.key[0]!))).toEqual(idsOf("prod"));
    if (by === "host.id") expect(top.total.flows).toBe(String(ofEnv("prod").length));
  });

  test("histogram, from records and by host", async () => {
    const records = await get("/flows/histogram", flowHistogramSchema, { ...range(), step: "60", filter: "port || icmp" }, prod);
    expect(total(records.series[0]!.flows)).toBe(ofEnv("prod").length);
    const byHost = await get("/flows/histogram", flowHistogramSchema, { ...range(), by: "host.id", filter: "port || icmp" }, prod);
    expect(unique(byHost.series.map((one) => one.key![0]!))).toEqual(idsOf("prod"));
  });

  test("comparison", async () => {
    const later = { from: new Date(to - 20 * MINUTE).toISOString(), to: new Date(to).toISOString() };
    const compared = await get("/flows/compare", flowCompareSchema, { ...later, by: "host.id,srcport", factor: "1" }, prod);
    expect(unique(compared.items.map((one) => one.key[0]!))).toEqual(idsOf("prod"));
  });

  test("export, of records and of groups", async () => {
    const lines = (await (await send("/flows/export", range(), prod)).text()).trim().split("\n");
    expect(lines).toHaveLength(ofEnv("prod").length);
    expect(unique(lines.map((line) => (JSON.parse(line) as { hostId: string }).hostId))).toEqual(idsOf("prod"));
    const csv = await (await send("/flows/top", { ...range(), by: "host.id", format: "csv" }, prod)).text();
    expect(
      unique(
        csv
          .trim()
          .split("\r\n")
          .slice(1)
          .map((line) => line.split(",")[0]!),
      ),
    ).toEqual(idsOf("prod"));
  });

  test("series and ledger", async () => {
    const interfaces = await get("/series/interfaces", interfaceSeriesSchema, { ...range(), step: "60" }, prod);
    expect(unique(interfaces.items.map((one) => one.hostId))).toEqual(idsOf("prod"));
    const filters = await get("/series/filters", filterSeriesSchema, { ...range(), step: "60" }, prod);
    expect(unique(filters.items.map((one) => one.hostId))).toEqual(idsOf("prod"));
    const ledger = await get("/ledger", fleetLedgerSchema, {}, prod);
    expect(ledger.hosts.map((one) => one.hostId).toSorted()).toEqual(idsOf("prod"));
    expect(ledger.fleet.noReader).toBe(String(2 * idsOf("prod").length));
    const other = idsOf("test")[0]!;
    expect(await get("/ledger", fleetLedgerSchema, { host: other }, prod)).toMatchObject({ hosts: [], fleet: { seen: "0" } });
    expect((await get("/series/interfaces", interfaceSeriesSchema, { ...range(), host: other }, prod)).items).toEqual([]);
  });

  test("a filter for another host's label, name or id finds nothing", async () => {
    for (const filter of [
      "host.label.env == test",
      `host.name == ${hosts[0]!.name}`,
      `host.id == "${hosts[0]!.id}"`,
      "!(host.label.env == prod)",
    ]) {
      expect((await get("/flows", flowListSchema, { ...range(), filter }, prod)).items).toEqual([]);
    }
  });
});

test("the ledger's classes add up, per host and for the fleet", async () => {
  const ledger = await get("/ledger", fleetLedgerSchema, { label: "env=test" });
  const [first] = ledger.hosts;
  expect(first).toMatchObject({ streams: 2, seen: "100", inFlight: "2", unexplained: "0", heldFrames: "5", stored: "18" });
  expect(ledger.fleet).toMatchObject({ seen: "203", inFlight: "4", unexplained: "0", heldFrames: "10" });
});

test("series add up exactly in any step, and know the hosts by label", async () => {
  const seconds = await get("/series/interfaces", interfaceSeriesSchema, { ...range(), step: "1", host: hosts[1]!.id });
  expect(seconds.items).toHaveLength(120);
  const minutes = await get("/series/interfaces", interfaceSeriesSchema, { ...range(), step: "60", label: "env=test" });
  expect(minutes.items).toHaveLength(2 * idsOf("test").length);
  expect(minutes.items[0]!.rx).toEqual({ tcp4: { frames: "60", packets: "120", bytes: String(60n * 9007199254740993n) } });
  const filters = await get("/series/filters", filterSeriesSchema, { ...range(), step: "120", host: hosts[2]!.id });
  expect(filters.items.reduce((sum, point) => sum + Number(point.matched), 0)).toBe(1200);
});

test("totals of a host: by class, flag and size, dropped ones apart; another's are not found", async () => {
  const [host] = hosts;
  const totals = await get(`/hosts/${host!.id}/totals`, hostTotalsSchema, { seconds: "3600" });
  expect(totals.items.map(({ interface: id, side }) => [id, side])).toEqual([
    [host!.interfaces[0], "rx"],
    [host!.interfaces[1], "tx"],
  ]);
  expect(totals.items[0]!.classes).toEqual({ tcp4: { frames: "120", packets: "240", bytes: String(120n * 9007199254740993n) } });
  expect(totals.items[1]).toMatchObject({
    classes: { udp4: { frames: "7", packets: "8", bytes: "900" } },
    dropped: { udp4: { frames: "2", packets: "2", bytes: "200" } },
    malformed: "1",
    tcpFlags: { syn: "5", fin: "0" },
  });
  expect(totals.items[1]!.sizes.filter(({ frames }) => frames !== "0")).toEqual([{ least: 128, frames: "6" }]);
  const elsewhere = await send(`/hosts/${idsOf("test")[0]}/totals`, {}, prod);
  expect(elsewhere.status).toBe(404);
});

describe("export", () => {
  test("CSV has a head, a line for each record, and no cell that a spreadsheet would run", async () => {
    await hub.ctx.series.query("UPDATE host SET name = '=cmd|''/c calc''!A1' WHERE id = $1", [hosts[5]!.id]);
    const response = await send("/flows/export", { ...range(), format: "csv", filter: `host.id == "${hosts[5]!.id}"` }, all);
    expect(response.headers.get("content-type")).toContain("text/csv");
    const lines = (await response.text()).trim().split("\r\n");
    expect(lines[0]).toMatch(/^at,first,last,hostId,host,interface,/);
    expect(lines).toHaveLength(1 + flows.filter((flow) => flow.host === hosts[5]!.number).length);
    for (const line of lines.slice(1)) expect(line.split(",")[4]).toBe("'=cmd|'/c calc'!A1");
    await hub.ctx.series.query("UPDATE host SET name = 'h5' WHERE id = $1", [hosts[5]!.id]);
  });

  test("stops when the client goes", async () => {
    const controller = new AbortController();
    const response = await fetch(`${hub.url}${API_BASE}/flows/export?${new URLSearchParams(range()).toString()}`, {
      headers: { authorization: `Bearer ${all}` },
      signal: controller.signal,
    });
    await response.body!.getReader().read();
    controller.abort();
    await get("/flows", flowListSchema, range()); // and the hub goes on answering
  });
});

describe("what is wrong is said", () => {
  const problem = async (path: string, query: Record<string, string>) => problemSchema.parse(await (await send(path, query, all)).json());
  test("where a filter is not understood", async () => {
    expect(await problem("/flows", { filter: "tcp && prot == 5" })).toMatchObject({
      code: "QUERY_FILTER",
      status: 400,
      position: 7,
      length: 4,
    });
  });
  test("which fields there are", async () => {
    expect(await problem("/flows/top", { by: "frame.len" })).toMatchObject({
      code: "QUERY_FIELD",
      detail: expect.stringContaining("ip.addr"),
    });
  });
  test.each([
    ["/flows", { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }],
    ["/flows", { cursor: "x" }],
    ["/flows", { limit: "1001" }],
    ["/flows/histogram", { step: "1", from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" }],
    ["/flows/top", { by: "ip.src,ip.dst,srcport,dstport" }],
    ["/ledger", { label: "env" }],
  ])("%s %o", async (path, query) => {
    expect(await problem(path, query as unknown as Record<string, string>)).toMatchObject({ code: "BAD_REQUEST" });
  });
});

test("questions cannot write, and are not ingest's connections", async () => {
  await expect(hub.ctx.queries.query("DELETE FROM flow_records")).rejects.toMatchObject({ code: "25006" });
  const { rows } = await hub.ctx.queries.query("SELECT current_setting('application_name') AS name, current_setting('jit') AS jit");
  expect(rows).toEqual([{ name: "sonde-queries", jit: "off" }]);
});
