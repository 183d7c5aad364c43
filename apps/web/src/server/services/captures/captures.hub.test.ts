import { captureDetailSchema, captureListSchema, problemSchema, storageReportSchema, type CaptureDetail } from "@sonde/protocol/rest";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { captureAgent, frame, type CaptureAgent } from "../../../../test/capture-agents.ts";
import { next, startTestHub, until, type TestHub } from "../../../../test/hub.ts";
import { startPostgres, type TestPostgres } from "../../../../test/postgres.ts";
import { createCaptures } from "../../hub/captures.ts";
import { startMaintenance } from "../../store/maintenance.ts";
import { createApiToken } from "../api-tokens/create.ts";
import { setLabels } from "../hosts/labels-set.ts";
import { removeHost } from "../hosts/remove.ts";
import { createCapture } from "./create.ts";

let postgres: TestPostgres;
let hub: TestHub;
let cookie: string;
const person = { kind: "local" } as const;
const startHub = async (): Promise<void> => {
  hub = await startTestHub({ url: postgres.url, stop: async () => {} });
  cookie = await hub.signIn();
};
beforeAll(async () => {
  postgres = await startPostgres();
  await startHub();
}, 60_000);
afterAll(async () => {
  await hub.stop();
  await postgres.stop();
});
/** Each test begins without hosts and captures. */
beforeEach(async () => {
  for (const { id } of (await list()).items) await call("DELETE", `/captures/${id}`);
  for (const { id } of await hub.ctx.db.host.findMany({ where: { removedAt: null } }))
    await removeHost({ ctx: hub.ctx, actor: person, input: { id } });
});

const call = (method: string, path: string, body?: unknown, bearer?: string): Promise<Response> =>
  fetch(`${hub.url}/api/v1${path}`, {
    method,
    headers: {
      ...(bearer === undefined ? { cookie, origin: hub.url } : { authorization: `Bearer ${bearer}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const list = async () => captureListSchema.parse(await (await call("GET", "/captures")).json());
const get = async (id: string): Promise<CaptureDetail> => captureDetailSchema.parse(await (await call("GET", `/captures/${id}`)).json());
const start = async (body: object = {}): Promise<CaptureDetail> => {
  const response = await call("POST", "/captures", { expression: "udp port 53", hosts: "all", ...body });
  expect(response.status).toBe(201);
  return captureDetailSchema.parse(await response.json());
};
const problem = async (response: Response) => problemSchema.parse(await response.json());
/** The capture at an agent that was told of it. */
const told = async (agent: CaptureAgent, { id }: { id: string }) => {
  await until(() => agent.captured(id) !== null, "the capture at the agent");
  return agent.captured(id)!;
};
const stateAt = async (id: string, { hostId }: { hostId: string }) => (await get(id)).hosts.find((host) => host.hostId === hostId);
const reaches = (id: string, agent: { hostId: string }, state: string) =>
  until(async () => (await stateAt(id, agent))?.state === state, `the host to be ${state}`);
const packets = (agent: CaptureAgent, count: number, length = 20) =>
  Array.from({ length: count }, (_, i) => ({
    at: agent.boot(Date.now()) + BigInt(i),
    bytes: frame(...Array.from({ length: length - 14 }, () => i)),
  }));
const storedOf = async (id: string): Promise<number> => {
  const { rows } = await hub.ctx.series.query<{ n: string }>("SELECT sum(packets) AS n FROM capture_batch WHERE capture_id = $1", [id]);
  return Number(rows[0]!.n);
};

describe("what hosts are told", () => {
  test("beside everything where no filter was pushed, behind the filters elsewhere; the limits in the host's own time (SPEC 10.1)", async () => {
    const [bare, filtered] = [await captureAgent(hub), await captureAgent(hub)];
    await setLabels({ ctx: hub.ctx, actor: person, input: { id: filtered.hostId, labels: { role: "web" } } });
    const pushed = await call("POST", "/filters", { expression: "tcp", selector: { role: ["web"] } });
    const { id: filterId } = (await pushed.json()) as { id: string };
    const capture = await start({ seconds: 600, maxPackets: 50, maxBytes: 5000, snaplen: 96 });
    expect(capture.createdBy).toMatch(/@|API token/); // not a number
    const [here, there] = [await told(bare, capture), await told(filtered, capture)];
    expect(bare.sets.at(-1)!.filters).toMatchObject([
      { expression: "", sampleN: 1, snaplen: 128 },
      { expression: "udp port 53", sampleN: 1, snaplen: 96 },
    ]);
    expect(bare.sets.at(-1)!.filters[0]).not.toHaveProperty("capture");
    expect(filtered.sets.at(-1)!.filters.map((filter) => filter.id)).toEqual([filterId, expect.any(String)]);
    for (const [agent, one] of [
      [bare, here],
      [filtered, there],
    ] as const) {
      expect(one.limits).toMatchObject({ id: capture.id, maxPackets: "50", maxBytes: "5000" });
      const until = Number(one.limits.untilNs) - Number(agent.boot(Date.parse(capture.createdAt) + 600_000));
      expect(Math.abs(until)).toBeLessThan(5e9); // a clock is estimated
      await reaches(capture.id, agent, "running");
    }
    bare.socket!.disconnect();
    const again = await captureAgent(hub, { as: bare });
    expect((await told(again, capture)).limits).toEqual(here.limits);
    const listed = (await (await call("GET", "/filters")).json()) as { items: { id: string }[] };
    expect(listed.items.map((item) => item.id)).toEqual([filterId]);
    await call("POST", `/captures/${capture.id}/stop`);
    await until(() => again.sets.at(-1)!.filters.length === 0, "the set without the capture");
    await until(() => filtered.sets.at(-1)!.filters.length === 1, "the other set without it");
    await call("DELETE", `/filters/${filterId}`);
  });

  test("a host that refuses goes on with its other filters and is not asked again", async () => {
    const refusal = { ok: false, code: "FILTER_REFUSED", detail: "the program is too large", log: "R1" };
    const agent = await captureAgent(hub, {
      answer: ({ number, filters }) =>
        filters.some((filter) => filter.capture) ? refusal : { ok: true, report: { number, contexts: [], nsPerPacket: null } },
    });
    const capture = await start();
    await reaches(capture.id, agent, "refused");
    expect((await stateAt(capture.id, agent))?.reason).toBe("the program is too large (FILTER_REFUSED)");
    await until(() => agent.sets.at(-1)!.filters.length === 0, "the set without the capture");
  });

  test("one that was away is offline, and has ended so when the capture ends", async () => {
    const { hostId } = await hub.enrol();
    const capture = await start();
    expect((await get(capture.id)).states).toEqual({ offline: 1 });
    await call("POST", `/captures/${capture.id}/stop`);
    expect(await stateAt(capture.id, { hostId })).toMatchObject({ state: "ended", reason: "the host was not connected while it ran" });
  });
});

describe("what is kept", () => {
  test("what the capture selected, once, with the batch; what is sent again is not kept again", async () => {
    const agent = await captureAgent(hub);
    const capture = await start();
    const at = await told(agent, capture);
    const five = packets(agent, 5);
    expect(await agent.send(at, five)).toEqual({ ok: true });
    expect(await agent.send({ set: at.set, bit: 0 }, packets(agent, 3))).toEqual({ ok: true }); // of everything: not this capture's
    expect(await agent.send(at, five, 1n)).toEqual({ ok: true });
    expect(await stateAt(capture.id, agent)).toMatchObject({ packets: "5", bytes: "100", sampleN: 1 });
    expect(await storedOf(capture.id)).toBe(5);
    agent.socket!.disconnect();
    const again = await captureAgent(hub, { as: agent });
    expect(await again.send(at, five, 1n)).toEqual({ ok: true });
    expect((await get(capture.id)).packets).toBe("5");
  });

  test.each([
    ["packets", { maxPackets: 7 }, 7],
    ["bytes", { maxBytes: 155 }, 7],
  ] as const)("the limit in %s holds for all hosts together, to the packet, and ends it", async (reason, limits, kept) => {
    const agents = [await captureAgent(hub), await captureAgent(hub)];
    const capture = await start(limits);
    const places = await Promise.all(agents.map((agent) => told(agent, capture)));
    await Promise.all(agents.map((agent, i) => agent.send(places[i]!, packets(agent, 5))));
    await until(async () => (await get(capture.id)).endReason === reason, "its end");
    await until(() => agents.every((agent) => agent.captured(capture.id) === null), "the sets without it");
    await Promise.all(agents.map((agent, i) => agent.send(places[i]!, packets(agent, 1, 14))));
    const ended = await get(capture.id);
    expect([ended.packets, ended.bytes, await storedOf(capture.id)]).toEqual([`${kept}`, `${kept * 20}`, kept]);
    await until(async () => (await get(capture.id)).states.ended === 2, "both hosts to have ended");
  });

  test("an agent's batches count for its own hosts alone", async () => {
    const [agent, other] = [await captureAgent(hub), await captureAgent(hub)];
    const capture = await start({ hosts: [agent.hostId] });
    const at = await told(agent, capture);
    expect(await other.send(at, packets(other, 5))).toEqual({ ok: true });
    expect((await get(capture.id)).packets).toBe("0");
    await agent.send(at, packets(agent, 2));
    expect((await get(capture.id)).packets).toBe("2");
  });

  test("what was taken before the end still comes, until what the agent says it took is there", async () => {
    const agent = await captureAgent(hub);
    const capture = await start();
    const at = await told(agent, capture);
    await agent.send(at, packets(agent, 2));
    await agent.progress(capture.id, null, 2, 64);
    await until(async () => (await stateAt(capture.id, agent))?.snaplen === 64, "the bytes in force");
    await agent.progress(capture.id, "bytes", 5, 64);
    await reaches(capture.id, agent, "draining");
    expect(await stateAt(capture.id, agent)).toMatchObject({ reason: "it had the bytes that were asked for" });
    await agent.send(at, packets(agent, 3));
    await reaches(capture.id, agent, "ended");
    expect(await stateAt(capture.id, agent)).toMatchObject({ packets: "5", lost: "0" });
  });

  test("a hub that is started again goes on: what runs, what has ended meanwhile, and what an agent kept", async () => {
    const agent = await captureAgent(hub);
    const [long, short] = [await start({ name: "long", seconds: 600 }), await start({ name: "short", seconds: 600 })];
    const at = await told(agent, short);
    await agent.send(at, packets(agent, 2));
    const before = (await told(agent, long)).limits;
    await hub.stop();
    await startHub();
    await hub.ctx.db.capture.update({ where: { id: short.id }, data: { createdAt: new Date(Date.now() - 700_000) } });
    const again = await captureAgent(hub, { as: agent });
    expect(await again.send(at, packets(again, 3), 2n)).toEqual({ ok: true });
    await until(async () => (await get(short.id)).endReason === "time", "the end of its time");
    expect((await get(short.id)).packets).toBe("5");
    expect((await get(long.id)).endedAt).toBeNull();
    await until(() => again.captured(long.id) !== null && again.captured(short.id) === null, "the set with the one that runs");
    expect(again.captured(long.id)!.limits).toEqual(before);
  });
});

test("a disk that fills ends what runs; what was taken is there", async () => {
  const agent = await captureAgent(hub);
  const capture = await start();
  await agent.send(await told(agent, capture), packets(agent, 5));
  const life = createCaptures({
    ...hub.ctx,
    connected: () => [agent.hostId],
    push: hub.ctx.hub.pushFilters,
    tell: () => {},
    readDisk: async () => ({ state: "known", totalBytes: 100, freeBytes: 9 }),
  });
  await life.endAll();
  life.stop();
  await until(() => agent.captured(capture.id) === null, "the set without it");
  expect(await get(capture.id)).toMatchObject({ endReason: "disk", packets: "5" });
});

test("captures count in the storage report, and go some days after their end", async () => {
  const agent = await captureAgent(hub);
  const [ended, runs] = [await start(), await start()];
  await agent.send(await told(agent, ended), packets(agent, 5));
  await call("POST", `/captures/${ended.id}/stop`);
  const report = async (response: Response) => storageReportSchema.parse(await response.json()).captures;
  expect(await report(await call("GET", "/settings/storage"))).toMatchObject({ count: 2, bytes: expect.any(Number), keepDays: 30 });
  const later = async (days: number): Promise<void> => {
    const clock = { ...hub.ctx.clock, now: () => Date.now() + days * 86_400_000 };
    const upkeep = await startMaintenance({ pool: hub.ctx.series, clock, log: hub.ctx.log });
    await upkeep.round();
    await upkeep.stop();
  };
  expect(await report(await call("PUT", "/settings/retention", { captureDays: 3 }))).toMatchObject({ keepDays: 3 });
  await later(2);
  expect((await list()).items).toHaveLength(2);
  await later(4);
  expect((await list()).items.map((item) => item.id)).toEqual([runs.id]);
  expect(await storedOf(ended.id)).toBe(0);
});

describe("who may, and what is refused", () => {
  test("more than headers want a reason, which is in the trail", async () => {
    await hub.enrol();
    expect((await problem(await call("POST", "/captures", { expression: "", hosts: "all", snaplen: 256 }))).code).toBe("BAD_REQUEST");
    const capture = await start({ snaplen: 256, reason: "a TLS handshake fails" });
    expect(capture).toMatchObject({ reason: "a TLS handshake fails", snaplen: 256, endedAt: null });
    await call("POST", `/captures/${capture.id}/stop`);
    expect((await call("DELETE", `/captures/${capture.id}`)).status).toBe(204);
    const trail = await hub.ctx.db.auditEvent.findMany({ where: { target: capture.id }, orderBy: { id: "asc" } });
    expect(trail.map((one) => one.action)).toEqual(["capture.create", "capture.stop", "capture.remove"]);
    expect(trail[0]!.detail).toMatchObject({ reason: "a TLS handshake fails", snaplen: 256, hosts: 1 });
  });

  test("no host, no expression, a full disk, and more than run at once", async () => {
    expect((await problem(await call("POST", "/captures", { expression: "", hosts: "all" }))).code).toBe("NOT_FOUND");
    await hub.enrol();
    const wrong = await problem(await call("POST", "/captures", { expression: "udp prot 53", hosts: "all" }));
    expect(wrong).toMatchObject({ code: "FILTER_EXPRESSION", position: 4 });
    const input = { expression: "", hosts: "all", snaplen: 128, seconds: 60, maxPackets: 1, maxBytes: 1 } as const;
    const ctx = { ...hub.ctx, readDisk: async () => ({ state: "known", totalBytes: 100, freeBytes: 9 }) as const };
    await expect(createCapture({ ctx, actor: person, input })).rejects.toMatchObject({ code: "BUSY" });
    for (let i = 0; i < 8; i++) await start();
    expect((await problem(await call("POST", "/captures", { expression: "", hosts: "all" }))).code).toBe("FILTER_LIMIT");
  });

  test("a token sees, and captures on, the hosts of its scope", async () => {
    const [mine, other] = [await hub.enrol(), await hub.enrol()];
    await setLabels({ ctx: hub.ctx, actor: person, input: { id: mine.hostId, labels: { env: "prod" } } });
    const tokenOf = async (access: "read" | "write") =>
      (await createApiToken({ ctx: hub.ctx, actor: person, input: { name: "t", access, scope: { env: ["prod"] }, expiresAt: null } }))
        .token;
    const [write, read] = [await tokenOf("write"), await tokenOf("read")];
    const both = await start();
    const theirs = await start({ hosts: [other.hostId] });
    const seen = captureDetailSchema.parse(await (await call("GET", `/captures/${both.id}`, undefined, read)).json());
    expect(seen.hosts.map((host) => host.hostId)).toEqual([mine.hostId]);
    expect((await call("GET", `/captures/${theirs.id}`, undefined, read)).status).toBe(404);
    const listed = captureListSchema.parse(await (await call("GET", "/captures", undefined, read)).json());
    expect(listed.items.map((item) => [item.id, item.states])).toEqual([[both.id, { offline: 1 }]]);
    expect((await call("POST", `/captures/${both.id}/stop`, undefined, write)).status).toBe(403);
    const own = await call("POST", "/captures", { expression: "", hosts: "all" }, write);
    expect(captureDetailSchema.parse(await own.json()).hosts.map((host) => host.hostId)).toEqual([mine.hostId]);
    expect((await call("POST", "/captures", { expression: "", hosts: [other.hostId] }, write)).status).toBe(404);
    expect((await call("POST", "/captures", { expression: "", hosts: "all" }, read)).status).toBe(403);
  });

  test("browsers hear of it", async () => {
    const viewer = hub.viewer({ cookie, origin: hub.url });
    const heard: unknown[] = [];
    viewer.on("message", (message: unknown) => void heard.push(message));
    await next(viewer, "connect");
    await hub.enrol();
    const { id } = await start();
    await until(() => heard.some((one) => JSON.stringify(one) === JSON.stringify({ type: "capture-changed", id })), "capture-changed");
    viewer.disconnect();
  });
});
