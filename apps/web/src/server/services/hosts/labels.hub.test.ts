import { randomUUID } from "node:crypto";
import { problemSchema, createTokenResponseSchema, hostDetailSchema, hostLabelsSchema, tokenListSchema } from "@sonde/protocol/rest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, next, passport, startTestHub, type TestHub } from "../../../../test/hub.ts";
import * as tokensRoute from "../../../app/api/v1/enrolment-tokens/route.ts";
import * as hostRoute from "../../../app/api/v1/hosts/[id]/route.ts";
import * as labelsRoute from "../../../app/api/v1/hosts/[id]/labels/route.ts";
import { createApiToken } from "../api-tokens/create.ts";
import { createToken } from "../tokens/create.ts";
import { enrolHost } from "./enrol.ts";
import { effectiveLabels } from "./labels.ts";

let hub: TestHub;
let cookie: string;
beforeAll(async () => {
  hub = await startTestHub();
  cookie = await hub.signIn();
}, 60_000);
afterAll(() => hub.stop());

const params = (id = "") => ({ params: Promise.resolve({ id }) });
const request = (method: string, body?: unknown): Request =>
  new Request(hub.url, {
    method,
    headers: { "content-type": "application/json", cookie, origin: hub.url },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const put = (id: string, labels: unknown) => labelsRoute.PUT(request("PUT", { labels }), params(id));
const labelsOf = async (id: string) => {
  const { labels } = hostLabelsSchema.parse(await (await labelsRoute.GET(request("GET"), params(id))).json());
  return labels.map(({ key, value, source }) => `${key}=${value} (${source})`);
};
const problemOf = async (response: Response) => problemSchema.parse(await response.json());

async function enrol(labels: Record<string, string>) {
  const { token } = await createToken({ ctx: hub.ctx, actor: { kind: "local" }, input: { minutes: 5, labels } });
  return enrolHost({ ctx: hub.ctx, actor: { kind: "anonymous" }, input: { token, hostname: "db-1", passport } });
}

/** Connects an agent whose file says `labels`, and ends the connection once the hub has heard it. */
async function helloWith(host: { hostId: string; credential: string }, labels?: Record<string, string>) {
  const socket = hub.agent(host);
  await next(socket, "connect");
  const answer = await ask(socket, "message", {
    type: "hello",
    bootId: randomUUID(),
    stream: "7",
    passport,
    bootNs: "5000000000",
    wallNs: `${BigInt(Date.now()) * 1_000_000n}`,
    ...(labels === undefined ? {} : { labels }),
  });
  const announced = await ask(socket, "message", {
    type: "interfaces",
    interfaces: [
      { ifindex: 2, name: "eth0", kind: "ethernet", mac: null, mtu: 1500, up: true, hook: "tcx", addresses: ["192.0.2.7", "2001:db8::7"] },
      { ifindex: 1, name: "lo", kind: "loopback", mac: null, mtu: 65536, up: true, hook: "tcx" },
    ],
  });
  expect(announced["ok"]).toBe(true);
  socket.disconnect();
  return answer;
}

describe("labels", () => {
  test("by hand over token over agent file; what was hidden shows again", async () => {
    const host = await enrol({ env: "prod", role: "db" });
    expect(await helloWith(host, { env: "test", rack: "r4", team: "core" })).toMatchObject({ ok: true });
    expect(await labelsOf(host.hostId)).toEqual(["env=prod (token)", "rack=r4 (agent)", "role=db (token)", "team=core (agent)"]);

    expect((await put(host.hostId, { env: "stage", team: "net" })).status).toBe(200);
    expect(await labelsOf(host.hostId)).toEqual(["env=stage (hand)", "rack=r4 (agent)", "role=db (token)", "team=net (hand)"]);
    await put(host.hostId, { team: "net" });
    expect(await labelsOf(host.hostId)).toEqual(["env=prod (token)", "rack=r4 (agent)", "role=db (token)", "team=net (hand)"]);

    await helloWith(host, { rack: "r5" }); // what its file does not say any more is gone
    await put(host.hostId, {});
    expect(await labelsOf(host.hostId)).toEqual(["env=prod (token)", "rack=r5 (agent)", "role=db (token)"]);
    await helloWith(host);
    expect(await labelsOf(host.hostId)).toEqual(["env=prod (token)", "role=db (token)"]);
  });

  test("a host shows them, and the addresses its agent announced", async () => {
    const host = await enrol({ env: "prod" });
    await helloWith(host);
    const detail = hostDetailSchema.parse(await (await hostRoute.GET(request("GET"), params(host.hostId))).json());
    expect(detail.labels).toEqual([{ key: "env", value: "prod", source: "token" }]);
    expect(detail.interfaces.map((one) => [one.name, one.addresses])).toEqual([
      ["eth0", ["192.0.2.7", "2001:db8::7"]],
      ["lo", []],
    ]);
  });

  test("a token made on the page carries them", async () => {
    const made = await tokensRoute.POST(request("POST", { labels: { env: "prod" } }), params());
    const { id } = createTokenResponseSchema.parse(await made.json());
    const list = tokenListSchema.parse(await (await tokensRoute.GET(request("GET"), params())).json());
    expect(list.items.find((one) => one.id === id)?.labels).toEqual({ env: "prod" });
    const refused = await tokensRoute.POST(request("POST", { labels: { "Not a key": "x" } }), params());
    expect(await problemOf(refused)).toMatchObject({ code: "BAD_REQUEST" });
  });

  test("refused: keys and values that are none, too many, no such host, from an agent too", async () => {
    const host = await enrol({});
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, "v"]));
    for (const labels of [{ Env: "prod" }, { env: "" }, { env: "a b" }, { "": "x" }, many, { env: "x".repeat(64) }, []]) {
      expect(await problemOf(await put(host.hostId, labels))).toMatchObject({ code: "BAD_REQUEST" });
    }
    expect(await problemOf(await put(randomUUID(), {}))).toMatchObject({ code: "NOT_FOUND" });
    expect(await labelsOf(host.hostId)).toEqual([]);
    const socket = hub.agent(host);
    await next(socket, "connect");
    const hello = { type: "hello", bootId: randomUUID(), stream: "7", passport, bootNs: "1", wallNs: "1", labels: { "bad key": "x" } };
    expect(await ask(socket, "message", hello)).toMatchObject({ ok: false, code: "BAD_REQUEST" });
  });

  test("an API token sees them on hosts of its scope alone; one that has a scope sets none, for they decide what it sees", async () => {
    const [prod, spare] = [await enrol({ env: "prod" }), await enrol({})];
    const token = async (access: "read" | "write") =>
      createApiToken({ ctx: hub.ctx, actor: { kind: "local" }, input: { name: "t", access, scope: { env: ["prod"] }, expiresAt: null } });
    const ask = async (id: string, access: "read" | "write", method: string) => {
      const headers = { authorization: `Bearer ${(await token(access)).token}`, "content-type": "application/json" };
      const body = method === "PUT" ? { body: JSON.stringify({ labels: { team: "net" } }) } : {};
      return (await fetch(`${hub.url}/api/v1/hosts/${id}/labels`, { method, headers, ...body })).status;
    };
    expect(await ask(prod.hostId, "read", "GET")).toBe(200);
    expect(await ask(spare.hostId, "write", "GET")).toBe(404);
    for (const access of ["read", "write"] as const) expect(await ask(prod.hostId, access, "PUT")).toBe(403);
    expect(await labelsOf(prod.hostId)).toEqual(["env=prod (token)"]);
    expect(await labelsOf(spare.hostId)).toEqual([]);
  });

  test("the trail says who set them, where from and to what", async () => {
    const host = await enrol({ env: "prod" });
    await put(host.hostId, { env: "stage" });
    const events = await hub.ctx.db.auditEvent.findMany({ where: { target: host.hostId }, orderBy: { id: "asc" } });
    expect(events.map(({ action }) => action)).toEqual(["host.enrol", "host.labels"]);
    expect(events[1]).toMatchObject({ actor: expect.stringMatching(/^user:/), detail: { labels: { env: "stage" } } });
  });

  test("two who set at once leave the labels of one", async () => {
    const host = await enrol({});
    await Promise.all(Array.from({ length: 8 }, (_, i) => put(host.hostId, { [`key${i}`]: "a", shared: `v${i}` })));
    const [own, shared] = await labelsOf(host.hostId);
    expect(shared).toBe(`shared=v${/^key(\d)/.exec(own ?? "")?.[1]} (hand)`);
  });
});

test("of each key the first source's", () => {
  const row = (source: string, value: string) => ({ key: "env", source, value });
  expect(effectiveLabels([row("agent", "c"), row("hand", "a"), row("token", "b")])).toEqual([{ key: "env", value: "a", source: "hand" }]);
  expect(effectiveLabels([row("agent", "c"), row("token", "b")])).toEqual([{ key: "env", value: "b", source: "token" }]);
});
