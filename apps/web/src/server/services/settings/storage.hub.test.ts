import { problemSchema, storageReportSchema, type StorageReport } from "@sonde/protocol/rest";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as retentionRoute from "../../../app/api/v1/settings/retention/route.ts";
import * as storageRoute from "../../../app/api/v1/settings/storage/route.ts";
import { connectTo, newRunOn, of } from "../../../../test/agent-runs.ts";
import { flowBatch } from "../../../../test/batches.ts";
import { ask, startTestHub, type TestHub } from "../../../../test/hub.ts";
import { startMaintenance } from "../../store/maintenance.ts";
import { defaultRetention } from "../../store/tables.ts";
import { storageReport } from "./storage.ts";

let hub: TestHub;
let cookie: string;
beforeAll(async () => {
  hub = await startTestHub();
  cookie = await hub.signIn();
}, 60_000);
afterAll(() => hub.stop());

const segment = { params: Promise.resolve({}) };
const get = async (): Promise<StorageReport> => {
  const response = await storageRoute.GET(new Request(`${hub.url}/`, { headers: { cookie } }), segment);
  expect(response.status).toBe(200);
  return storageReportSchema.parse(await response.json());
};
const put = async (body: unknown): Promise<Response> =>
  retentionRoute.PUT(
    new Request(`${hub.url}/`, {
      method: "PUT",
      headers: { cookie, origin: hub.url, "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
    segment,
  );
const tableOf = (report: StorageReport, table: string) => report.tables.find((one) => one.table === table);
const person = { kind: "local" } as const;

test("the report names every table with its size and limits, and the disk that the database is on", async () => {
  const run = await newRunOn(hub);
  const { socket } = await connectTo(hub, run);
  expect(
    await ask(
      socket,
      "batch",
      flowBatch(
        of(run, 1),
        Array.from({ length: 100 }, () => ({ ifindex: 2, direction: 1, frames: 9 })),
      ),
    ),
  ).toEqual({
    ok: true,
  });
  await hub.ctx.series.query("ANALYZE flow_records");
  const report = await get();
  expect(report.tables.map((one) => one.table).toSorted()).toEqual(Object.keys(defaultRetention).toSorted());
  const flows = tableOf(report, "flow_records")!;
  expect(flows).toMatchObject({ rows: 100, limits: { keepHours: 168, maxGigabytes: 50 }, bytesPerDay: null, daysLeft: null });
  expect(flows.bytes).toBeGreaterThan(8192);
  const { rows } = await hub.ctx.series.query<{ at: Date }>("SELECT min(at) AS at FROM flow_records");
  expect(flows.oldest).toBe(rows[0]!.at.toISOString());
  expect(tableOf(report, "packet_records")!.oldest).toBeNull();
  expect(tableOf(report, "interface_counters_1h")!.limits).toEqual({ keepHours: 8760, maxGigabytes: null });
  expect(report.disk).toMatchObject({ state: "known", totalBytes: expect.any(Number) });
  expect(report.lowDisk).toEqual({ active: false, last: null });
  expect(report.keepPackets).toBe(false);
});

test("limits are set table by table, audited, and refused where they make no sense", async () => {
  expect((await put({ limits: { flow_records: { keepHours: 48, maxGigabytes: 0.5 } } })).status).toBe(200);
  const set = storageReportSchema.parse(await (await put({ limits: { flow_counters_1m: { keepHours: 5, maxGigabytes: null } } })).json());
  expect(tableOf(set, "flow_records")!.limits).toEqual({ keepHours: 48, maxGigabytes: 0.5 });
  expect(tableOf(set, "flow_counters_1m")!.limits).toEqual({ keepHours: 5, maxGigabytes: null });
  expect(tableOf(set, "flow_counters_1h")!.limits.keepHours).toBe(8760);
  const trail = await hub.ctx.db.auditEvent.findMany({ where: { action: "settings.retention" }, orderBy: { id: "asc" } });
  expect(trail.map((one) => one.detail)).toEqual([
    { limits: { flow_records: { keepHours: 48, maxGigabytes: 0.5 } } },
    { limits: { flow_counters_1m: { keepHours: 5, maxGigabytes: null } } },
  ]);
  for (const wrong of [
    { limits: { flow_records: { keepHours: 0, maxGigabytes: null } } },
    { limits: { flow_records: { keepHours: 1.5, maxGigabytes: null } } },
    { limits: { flow_records: { keepHours: 5 } } },
    { limits: { host: { keepHours: 5, maxGigabytes: null } } },
    { limits: { flow_records: { keepHours: 5, maxGigabytes: -1 } } },
    { more: 1 },
  ]) {
    const refused = await put(wrong);
    expect([wrong, problemSchema.parse(await refused.json()).code]).toEqual([wrong, "BAD_REQUEST"]);
  }
  const anonymous = await storageRoute.GET(new Request(`${hub.url}/`), segment);
  expect(problemSchema.parse(await anonymous.json()).code).toBe("NOT_SIGNED_IN");
});

test("the pace comes from whole partitions, the days left from pace and limits", async () => {
  const hour = 3_600_000;
  const later = Math.floor(Date.now() / hour) * hour + 3 * hour;
  for (const back of [2, 1]) {
    await hub.ctx.series.query(
      `INSERT INTO flow_records SELECT $1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, -1, -1, 6, 0, '1', '0', '0', '1', '192.0.2.1', '192.0.2.2'
       FROM generate_series(1, 50000)`,
      [new Date(later - back * hour)],
    );
  }
  await put({ limits: { flow_records: { keepHours: 168, maxGigabytes: 0.2 } } });
  const ctx = { ...hub.ctx, clock: { ...hub.ctx.clock, now: () => later } };
  const disk = { state: "known", totalBytes: 10e9, freeBytes: 1.1e9 } as const;
  const flows = tableOf(await storageReport({ ctx: { ...ctx, readDisk: async () => disk }, actor: person, input: null }), "flow_records")!;
  const perHour = 50_000 * 114;
  expect(flows.bytesPerDay! / (24 * perHour)).toBeGreaterThan(0.9);
  expect(flows.bytesPerDay! / (24 * perHour)).toBeLessThan(1.2);
  expect(flows.daysLeft).toBeCloseTo((0.2e9 - flows.bytes) / flows.bytesPerDay!, 5);
  await put({ limits: { flow_records: { keepHours: 168, maxGigabytes: null } } });
  const free = await storageReport({ ctx: { ...ctx, readDisk: async () => disk }, actor: person, input: null });
  expect(free.disk.state === "known" && free.disk.daysLeft).toBeCloseTo(0.1e9 / flows.bytesPerDay!, 0);
});

test("a full disk is reported, with what it took", async () => {
  const readDisk = async () => ({ state: "known", totalBytes: 100, freeBytes: 9 }) as const;
  const later = Date.now() + 4 * 3_600_000;
  const clock = { ...hub.ctx.clock, now: () => later };
  const upkeep = await startMaintenance({ pool: hub.ctx.series, clock, log: hub.ctx.log, readDisk });
  await upkeep.stop();
  const report = await storageReport({ ctx: { ...hub.ctx, clock, readDisk }, actor: person, input: null });
  expect(report.lowDisk).toMatchObject({ active: true, last: { at: new Date(later).toISOString(), partitions: 3 } });
  expect(report.disk).toMatchObject({ state: "known", daysLeft: 0 });
  expect(hub.logs()).toContain("less than a tenth of the disk is free");
});
