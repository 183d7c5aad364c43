import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { filtersSchema, type FiltersMessage } from "@sonde/protocol";
import {
  checkFilterResponseSchema,
  filterDetailSchema,
  filterListSchema,
  problemSchema,
  type FilterHost,
  type FilterList,
} from "@sonde/protocol/rest";
import type { Socket } from "socket.io-client";
import { ask, next, passport, startTestHub, until, type TestHub } from "../../../../test/hub.ts";
import * as filterRoute from "../../../app/api/v1/filters/[id]/route.ts";
import * as checkRoute from "../../../app/api/v1/filters/check/route.ts";
import * as filtersRoute from "../../../app/api/v1/filters/route.ts";
import { createFilterPush } from "../../hub/filter-push.ts";
import { systemClock } from "../../clock.ts";
import { setLabels } from "../hosts/labels-set.ts";
import { removeHost } from "../hosts/remove.ts";

let hub: TestHub;
let cookie: string;
const person = { kind: "local" } as const;
beforeAll(async () => {
  hub = await startTestHub();
  cookie = await hub.signIn();
}, 60_000);
afterAll(() => hub.stop());
/** Each test begins without hosts and filters. */
beforeEach(async () => {
  for (const { id } of await hub.ctx.db.host.findMany({ where: { removedAt: null } }))
    await removeHost({ ctx: hub.ctx, actor: person, input: { id } });
  for (const { id } of (await list()).items) await remove(id);
});

const params = (id = "") => ({ params: Promise.resolve({ id }) });
const request = (method: string, body?: unknown): Request =>
  new Request(hub.url, {
    method,
    headers: { "content-type": "application/json", cookie, origin: hub.url },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const post = (body: object): Promise<Response> => filtersRoute.POST(request("POST", body), params());
const push = async (expression: string, more: object = {}) => {
  const response = await post({ expression, ...more });
  expect(response.status).toBe(201);
  return filterDetailSchema.parse(await response.json());
};
const remove = (id: string): Promise<Response> => filterRoute.DELETE(request("DELETE"), params(id));
const list = async (): Promise<FilterList> => filterListSchema.parse(await (await filtersRoute.GET(request("GET"), params())).json());
const problem = async (response: Response) => problemSchema.parse(await response.json());
const check = async (expression: string) =>
  checkFilterResponseSchema.parse(await (await checkRoute.POST(request("POST", { expression }), params())).json());

type Answer = (set: FiltersMessage) => object | null;
const applies: Answer = ({ number }) => ({
  ok: true,
  report: {
    number,
    contexts: [
      { context: "xdp", instructions: 90, verified: 400 },
      { context: "tc-ethernet", instructions: 120, verified: 500 },
    ],
    nsPerPacket: 41.5,
  },
});
type FakeAgent = { hostId: string; credential: string; socket: Socket; sets: FiltersMessage[] };

/** An agent's socket that greets the hub and answers sets as told; null is silence. */
async function agent(answer: Answer = applies, held = 0, again?: { hostId: string; credential: string }): Promise<FakeAgent> {
  const { hostId, credential } = again ?? (await hub.enrol());
  const socket = hub.agent({ hostId, credential });
  const sets: FiltersMessage[] = [];
  const clock = () => ({ bootNs: "5000000000", wallNs: `${BigInt(Date.now()) * 1_000_000n}` });
  socket.on("message", (message: { type: string }, reply: (answer: object) => void) => {
    if (message.type === "clock") return reply({ ok: true, ...clock() });
    if (message.type !== "filters") return;
    const set = filtersSchema.parse(message);
    sets.push(set);
    const said = answer(set);
    if (said !== null) reply(said);
  });
  await next(socket, "connect");
  const hello = { type: "hello", bootId: randomUUID(), stream: "7", passport, filterSet: held, ...clock() };
  expect(await ask(socket, "message", hello)).toMatchObject({ ok: true });
  return { hostId, credential, socket, sets };
}
/** Totals of a filter that took so many packets, half of them sampled out. */
const taken = (hostId: string, matched: number) => ({
  hostId,
  matched,
  sampledOut: matched / 2,
  ringLost: 0,
  noReader: 0,
  delivered: matched / 2,
});
const stateOf = (hosts: readonly FilterHost[], { hostId }: { hostId: string }) => hosts.find((one) => one.hostId === hostId);

describe("checking", () => {
  test("an expression's programs for both link types, or its place of error", async () => {
    expect(await check("udp port 53")).toEqual({ ok: true, instructions: { ethernet: 20, raw: expect.any(Number) } });
    expect(await check("vlan 100")).toMatchObject({ ok: true, instructions: { raw: null } });
    expect(await check("tcp prot 443")).toMatchObject({ ok: false, position: 4, length: 4 });
    expect(await check("host www.example.com")).toMatchObject({ ok: false, message: expect.stringContaining("names are not resolved") });
    expect((await list()).items).toEqual([]);
  });

  test("what is no expression is a problem with its place, and nothing changes", async () => {
    const before = (await list()).set;
    const response = await post({ expression: "udp prot 53" });
    expect(response.status).toBe(400);
    expect(await problem(response)).toMatchObject({ code: "FILTER_EXPRESSION", position: 4, length: 4 });
    for (const body of [{}, { expression: "x".repeat(8193) }, { expression: "udp", sampleN: 0 }, { expression: "udp", snaplen: 4097 }])
      expect((await problem(await post(body))).code).toBe("BAD_REQUEST");
    expect((await list()).set).toBe(before);
  });
});

describe("pushing", () => {
  test("every connected host gets the whole set, and says what it made of it", async () => {
    const good = await agent();
    const bad = await agent(() => ({ ok: false, code: "FILTER_REFUSED", detail: "refused by the kernel (EACCES)", log: "R1 invalid" }));
    const { hostId: never } = await hub.enrol();
    const filter = await push("udp port 53", { sampleN: 4, snaplen: 64 });
    expect(filter).toMatchObject({ expression: "udp port 53", sampleN: 4, snaplen: 64, instructions: { ethernet: 20 } });
    expect(stateOf(filter.hosts, good)).toMatchObject({ state: "applied", nsPerPacket: 41.5, instructions: 120, held: filter.set });
    expect(stateOf(filter.hosts, bad)).toMatchObject({
      state: "refused",
      code: "FILTER_REFUSED",
      reason: "refused by the kernel (EACCES)",
      log: "R1 invalid",
      held: 0,
    });
    expect(stateOf(filter.hosts, { hostId: never })).toMatchObject({ state: "offline" });
    expect(good.sets.at(-1)).toMatchObject({ number: filter.set, filters: [{ id: filter.id, sampleN: 4, snaplen: 64 }] });

    const second = await push("vlan 100");
    expect(good.sets.at(-1)?.filters.map((one) => one.id)).toEqual([filter.id, second.id]);
    expect(good.sets.at(-1)?.filters[1]?.raw).toEqual([[6, 0, 0, 0]]);
    expect((await list()).items.map((one) => one.expression)).toEqual(["udp port 53", "vlan 100"]);
    await hub.ctx.db.filterTotal.createMany({
      data: [
        { ...taken(good.hostId, 10), filterSet: filter.set, bit: 0 },
        { ...taken(bad.hostId, 4), filterSet: second.set, bit: 0 },
        { ...taken(good.hostId, 2), filterSet: second.set, bit: 1 },
      ],
    });
    expect((await list()).items.map(({ counted }) => [counted.matched, counted.sampledOut, counted.delivered])).toEqual([
      ["14", "7", "7"],
      ["2", "1", "1"],
    ]);

    expect((await remove(filter.id)).status).toBe(204);
    expect(good.sets.at(-1)?.filters.map((one) => one.id)).toEqual([second.id]);
    expect((await remove(second.id)).status).toBe(204);
    expect(good.sets.at(-1)).toMatchObject({ number: filter.set + 3, filters: [] });
    expect((await problem(await remove(second.id))).code).toBe("NOT_FOUND");
    const audited = await hub.ctx.db.auditEvent.findMany({
      where: { target: filter.id },
      select: { action: true },
      orderBy: { id: "asc" },
    });
    expect(audited.map((one) => one.action)).toEqual(["filter.create", "filter.remove"]);
  });

  test("an answer that is none is a refusal in words", async () => {
    const otherSet = await agent(({ number }) => ({ ok: true, report: { number: number - 1, contexts: [], nsPerPacket: null } }));
    const nonsense = await agent(() => ({ ok: "perhaps" }));
    const nul = await agent(() => ({ ok: false, code: "X", detail: "a\0b" }));
    const { hosts } = await push("tcp");
    for (const one of [otherSet, nonsense, nul])
      expect(stateOf(hosts, one)).toMatchObject({ state: "refused", code: "BAD_REQUEST", held: 0 });
  });

  test("concurrent changes are one after the other: numbers grow, and the last set is everywhere", async () => {
    const one = await agent();
    await Promise.all(["tcp", "udp", "icmp", "arp"].map((expression) => push(expression)));
    const numbers = one.sets.map((set) => set.number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    const { set, items, hosts } = await list();
    expect(items.map((item) => item.expression).toSorted()).toEqual(["arp", "icmp", "tcp", "udp"]);
    expect(one.sets.at(-1)).toMatchObject({ number: set, filters: items.map(({ id }) => ({ id })) });
    expect(stateOf(hosts, one)).toMatchObject({ state: "applied", held: set });
  });

  test("silence is no answer, until the host is asked again", async () => {
    const silent = await agent(() => null);
    const quick = createFilterPush({
      db: hub.ctx.db,
      clock: systemClock,
      log: hub.ctx.log,
      agents: {
        connected: () => [silent.hostId],
        isConnected: () => true,
        clockOf: () => ({ bootId: randomUUID(), bootToWallNs: 0n, offsetNs: 0n, errorNs: 0n }),
        ask: () => Promise.reject(new Error("timeout")),
      },
      onChanged: () => {},
      onCaptures: async () => {},
      answerMs: 50,
    });
    // The hub's own push waits 15 s for this host; what counts here is the one that waits 50 ms.
    void post({ expression: "udp" });
    await until(() => silent.sets.at(-1)?.filters.length === 1, "the set at the host");
    await quick.toAll();
    quick.stop();
    expect(stateOf((await list()).hosts, silent)).toMatchObject({ state: "no-answer", reason: "no answer within 0.05 s", held: 0 });
  });
});

describe("filters for some hosts", () => {
  const labelled = (one: { hostId: string }, labels: Record<string, string>) =>
    setLabels({ ctx: hub.ctx, actor: person, input: { id: one.hostId, labels } });
  const idsAt = (one: FakeAgent) => one.sets.at(-1)?.filters.map((filter) => filter.id);

  test("each host gets those whose selector takes its labels, in order of creation; hosts that want the same hold the same set", async () => {
    const [web, other, db] = [await agent(), await agent(), await agent()];
    await Promise.all([labelled(web, { role: "web" }), labelled(other, { role: "web", env: "test" }), labelled(db, { role: "db" })]);
    const all = await push("udp");
    const some = await push("tcp port 443", { selector: { role: ["web", "proxy"] } });
    expect([web, other, db].map(idsAt)).toEqual([[all.id, some.id], [all.id, some.id], [all.id]]);
    expect(web.sets.at(-1)!.number).toBe(other.sets.at(-1)!.number);
    expect(db.sets).toHaveLength(1);
    expect(some.selector).toEqual({ role: ["web", "proxy"] });
    expect(some.hosts.map((host) => [host.hostId, host.state])).toEqual([
      [web.hostId, "applied"],
      [other.hostId, "applied"],
    ]);
    expect((await list()).hosts.map((host) => host.state)).toEqual(["applied", "applied", "applied"]);
    await remove(all.id);
    expect([web, db].map(idsAt)).toEqual([[some.id], []]);
  });

  test("a label that changes, or comes with a new host, moves a host to another set; numbers grow", async () => {
    const [moved, stays] = [await agent(), await agent()];
    await labelled(stays, { env: "prod" });
    const filter = await push("tcp", { selector: { env: ["prod"] } });
    expect(moved.sets).toEqual([]);
    await labelled(moved, { env: "prod" });
    await until(() => idsAt(moved)?.[0] === filter.id, "the set of its new label");
    expect(moved.sets[0]!.number).toBe(stays.sets[0]!.number);
    await labelled(moved, { env: "test" });
    await until(() => moved.sets.length === 2, "the set without the filter");
    await labelled(moved, { env: "prod" });
    await until(() => moved.sets.length === 3, "the filter again");
    const numbers = moved.sets.map((set) => set.number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers).size).toBe(3);
    expect(stays.sets).toHaveLength(1);
  });

  test("of 5,000 hosts the sets are found in a moment", async () => {
    await hub.ctx.db.$executeRaw`INSERT INTO host (id, name) SELECT gen_random_uuid(), 'fleet-' || n FROM generate_series(1, 5000) n`;
    await hub.ctx.db.$executeRaw`INSERT INTO host_label (host_id, key, source, value)
      SELECT id, 'rack', 'agent', 'r' || number % 50 FROM host WHERE name LIKE 'fleet-%'`;
    const one = await agent();
    await labelled(one, { rack: "r7" });
    const filter = await push("tcp", { selector: { rack: ["r7"] } });
    expect(filter.hosts).toHaveLength(101);
    expect(await hub.ctx.db.host.count({ where: { filterSet: filter.set } })).toBe(101);
    await hub.ctx.db.$executeRaw`DELETE FROM host WHERE name LIKE 'fleet-%'`;
  });
});

describe("coming and going", () => {
  test("a host that connects gets the present set; one that holds it and said so is left alone (SPEC 8.6)", async () => {
    const filter = await push("udp port 53");
    const late = await agent();
    await until(async () => stateOf((await list()).hosts, late)?.state === "applied", "the late host");
    expect(late.sets.map((set) => set.filters.map((one) => one.id))).toEqual([[filter.id]]);
    const { number } = late.sets[0]!;
    late.socket.disconnect();
    await until(async () => stateOf((await list()).hosts, late)?.state === "offline", "the host to be offline");
    const kept = await agent(applies, number, late);
    await until(async () => stateOf((await list()).hosts, late)?.state === "applied", "the host to be back");
    expect(kept.sets).toEqual([]);
    kept.socket.disconnect();
    const restarted = await agent(applies, 0, late);
    await until(() => restarted.sets.length === 1, "the set at the restarted agent");
  });

  test("browsers hear of every change", async () => {
    const viewer = hub.viewer({ cookie, origin: hub.url });
    const heard: unknown[] = [];
    viewer.on("message", (message: { type: string }) => void heard.push(message.type));
    await next(viewer, "connect");
    await push("tcp");
    await agent();
    await until(() => heard.includes("filters-changed"), "filters-changed");
    viewer.disconnect();
  });

  test("only signed-in people of this origin", async () => {
    const bare = new Request(hub.url, { headers: { origin: hub.url } });
    expect((await problem(await filtersRoute.GET(bare, params()))).code).toBe("NOT_SIGNED_IN");
    const foreign = new Request(hub.url, { method: "POST", headers: { cookie, origin: "https://evil.example" }, body: "{}" });
    expect((await problem(await filtersRoute.POST(foreign, params()))).code).toBe("BAD_ORIGIN");
  });
});
