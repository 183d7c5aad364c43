import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { counterBatch, recordBatch } from "../../../test/batches.ts";
import { readExposition, type Exposition } from "../../../test/exposition.ts";
import { ask, next, passport, startTestHub, until, type TestHub } from "../../../test/hub.ts";
import * as readyRoute from "../../app/readyz/route.ts";
import * as metricsRoute from "../../app/metrics/route.ts";
import { CLIENT_ADDRESS_HEADER } from "../auth/client-address.ts";
import type { Clock } from "../clock.ts";
import { provideCtx } from "../context.ts";
import { createApiToken } from "../services/api-tokens/create.ts";
import { SERIES_PER_HOST } from "./fleet-families.ts";
import { createMetrics } from "./metrics.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

const local = { kind: "local" } as const;
const scrape = async (): Promise<Exposition> => readExposition(await (await fetch(`${hub.url}/metrics`)).text());
const valueOf = ({ series }: Exposition, name: string, labels: Record<string, string> = {}): number | undefined =>
  series.find((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels.get(key) === value))?.value;

/** A host whose agent has sent a second of counters and three records; `name` is put in afterwards. */
async function liveHost(name?: string): Promise<string> {
  const { hostId, credential } = await hub.enrol();
  if (name !== undefined) await hub.ctx.db.host.update({ where: { id: hostId }, data: { name } });
  const of = { hostId, bootId: randomUUID(), stream: 7n };
  const socket = hub.agent({ hostId, credential });
  const clock = () => ({ bootNs: "9000000000", wallNs: `${BigInt(Date.now()) * 1_000_000n}` });
  socket.on("message", (message: { type: string }, reply: (answer: object) => void) => {
    if (message.type === "clock") reply({ ok: true, ...clock() });
  });
  await next(socket, "connect");
  await ask(socket, "message", { type: "hello", bootId: of.bootId, stream: "7", passport, ...clock() });
  const eth0 = { ifindex: 2, name: "eth0", kind: "ethernet", mac: null, mtu: 1500, up: true, hook: "tcx" };
  await ask(socket, "message", { type: "interfaces", interfaces: [eth0] });
  const row = { ifindex: 2, direction: 1, frames: 10, packets: 20, bytes: 1000 } as const;
  expect(await ask(socket, "batch", counterBatch({ ...of, sequence: 1n }, [row]))).toEqual({ ok: true });
  expect(await ask(socket, "batch", recordBatch({ ...of, sequence: 1n }, 3))).toEqual({ ok: true });
  return hostId;
}

describe("/metrics", () => {
  test("keeps to the text format, and says what hub and hosts have counted", async () => {
    const name = 'odd "name"\\ with\nlines';
    const hostId = await liveHost(name);
    const page = await scrape();
    expect(page.types.size).toBeGreaterThan(40);
    for (const metric of page.types.keys()) expect(metric).toMatch(/^sonde_/);
    const host = { host: name, host_id: hostId };
    expect(valueOf(page, "sonde_host_up", host)).toBe(1);
    expect(valueOf(page, "sonde_host_packets_total", host)).toBe(20);
    expect(valueOf(page, "sonde_host_bytes_total", host)).toBe(1000);
    expect(valueOf(page, "sonde_host_records_stored_total", host)).toBe(3);
    expect(valueOf(page, "sonde_hub_hosts", { status: "live" })).toBe(1);
    expect(valueOf(page, "sonde_hub_resident_memory_bytes")).toBeGreaterThan(1e7);
    expect(valueOf(page, "sonde_metrics_fleet_up")).toBe(1);
    expect(valueOf(page, "sonde_metrics_series_dropped")).toBe(0);
    expect(valueOf(page, "sonde_hub_commit_duration_seconds_count")).toBeGreaterThan(0);
    expect(valueOf(page, "sonde_hub_batches_total", { kind: "records" })).toBeGreaterThan(0);
    expect(valueOf(page, "sonde_hub_agents")).toBe(1);
  });

  test("a host's series end five minutes after it was last heard", async () => {
    const hostId = await liveHost("quiet");
    let ahead = 0;
    const clock: Clock = { ...hub.ctx.clock, now: () => Date.now() + ahead };
    const metrics = createMetrics({ ...hub.ctx, clock });
    const there = async () => valueOf(readExposition(await metrics.text(local)), "sonde_host_up", { host_id: hostId });
    expect(await there()).toBe(1);
    ahead = 301_000;
    expect(await there()).toBeUndefined();
    metrics.stop();
  });

  test("beyond a number of series hosts are left out, and how many is said", async () => {
    while (valueOf(await scrape(), "sonde_hub_hosts", { status: "live" })! < 3) await liveHost();
    const metrics = createMetrics({ ...hub.ctx, maxSeries: 2 * SERIES_PER_HOST + 1 });
    const page = readExposition(await metrics.text(local));
    expect(page.series.filter((one) => one.name === "sonde_host_up")).toHaveLength(2);
    expect(valueOf(page, "sonde_metrics_series_dropped")).toBe(SERIES_PER_HOST);
    metrics.stop();
  });

  test("without the database the hub's own metrics stay", async () => {
    const broken = { ...hub.ctx.db, host: { findMany: () => Promise.reject(new Error("away")) } } as unknown as typeof hub.ctx.db;
    const metrics = createMetrics({ ...hub.ctx, db: broken });
    const page = readExposition(await metrics.text(local));
    expect(valueOf(page, "sonde_metrics_fleet_up")).toBe(0);
    expect(valueOf(page, "sonde_hub_queue_batches")).toBe(0);
    metrics.stop();
  });
});

describe("who may scrape", () => {
  const from = async (address: string, headers: Record<string, string> = {}): Promise<Response> =>
    metricsRoute.GET(new Request(`${hub.url}/metrics`, { headers: { [CLIENT_ADDRESS_HEADER]: address, ...headers } }), {
      params: Promise.resolve({}),
    });
  const tokenFor = async (scope: Record<string, string[]> | null) => {
    const input = { name: "prometheus", access: "read" as const, scope, expiresAt: null };
    return { authorization: `Bearer ${(await createApiToken({ ctx: hub.ctx, actor: local, input })).token}` };
  };

  test("this machine, and elsewhere whoever holds a token; a scope leaves other hosts out", async () => {
    expect((await from("127.0.0.1")).status).toBe(200);
    expect((await from("::1")).status).toBe(200);
    expect((await from("192.0.2.7")).status).toBe(401);
    expect((await from("unknown")).status).toBe(401);
    expect((await from("127.0.0.1", { authorization: "Bearer wrong" })).status).toBe(401);
    expect((await from("192.0.2.7", await tokenFor(null))).status).toBe(200);
    const scoped = await from("192.0.2.7", await tokenFor({ env: ["nowhere"] }));
    expect(readExposition(await scoped.text()).series.some((one) => one.labels.has("host_id"))).toBe(false);
  });

  test("behind a proxy loopback is no proof", async () => {
    provideCtx({ ...hub.ctx, loopbackIsLocal: false });
    expect((await from("127.0.0.1")).status).toBe(401);
    provideCtx(hub.ctx);
  });
});

test("/readyz wants every migration", async () => {
  const ready = async () => (await readyRoute.GET(new Request(`${hub.url}/readyz`), { params: Promise.resolve({}) })).status;
  expect(await ready()).toBe(200);
  const last = hub.ctx.migrations.at(-1);
  await hub.ctx.series.query("UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = $1", [last]);
  expect(await ready()).toBe(503);
  await hub.ctx.series.query("UPDATE _prisma_migrations SET rolled_back_at = NULL WHERE migration_name = $1", [last]);
  await until(async () => (await ready()) === 200, "ready again");
});
