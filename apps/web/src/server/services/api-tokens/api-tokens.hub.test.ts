import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LabelSelector } from "@sonde/protocol";
import {
  apiTokenListSchema,
  createApiTokenResponseSchema,
  filterListSchema,
  hostListSchema,
  problemSchema,
  type CreateApiTokenRequest,
} from "@sonde/protocol/rest";
import { startTestHub, type TestHub } from "../../../../test/hub.ts";
import type { Clock } from "../../clock.ts";
import { authenticateApiToken } from "./authenticate.ts";
import { createApiToken } from "./create.ts";
import { isWithin } from "./scopes.ts";

let hub: TestHub;
let cookie: string;
beforeAll(async () => {
  hub = await startTestHub();
  cookie = await hub.signIn();
});
afterAll(() => hub.stop());

/** Asks over HTTP with a token, or as the signed-in person. */
function ask(path: string, token: string | null, method = "GET", body?: unknown): Promise<Response> {
  const as = token === null ? { cookie, origin: hub.url } : { authorization: `Bearer ${token}` };
  const headers = { ...as, ...(body === undefined ? {} : { "content-type": "application/json" }) };
  return fetch(hub.url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}
const codeOf = async (response: Response): Promise<string> => problemSchema.parse(await response.json()).code;
async function make(more: Partial<CreateApiTokenRequest> = {}, by: string | null = null) {
  const response = await ask("/api/v1/api-tokens", by, "POST", { name: "test", ...more });
  expect(response.status).toBe(201);
  return createApiTokenResponseSchema.parse(await response.json());
}
const listed = async (by: string | null = null) => apiTokenListSchema.parse(await (await ask("/api/v1/api-tokens", by)).json()).items;

describe("a token's life", () => {
  test("is shown once, stored as a hash, used, listed and revoked; the trail says so", async () => {
    const { token, ...shown } = await make({ name: "grafana", access: "read" });
    expect(token).toMatch(/^sonde_[\w-]{43}$/);
    expect(shown).toMatchObject({
      name: "grafana",
      access: "read",
      scope: null,
      state: "active",
      prefix: token.slice(0, 12),
      lastUsedAt: null,
    });
    expect((await ask("/api/v1/hosts", token)).status).toBe(200);
    const mine = (await listed()).find((one) => one.id === shown.id);
    expect(mine).toEqual({ ...shown, lastUsedAt: expect.any(String) });

    expect((await ask(`/api/v1/api-tokens/${shown.id}`, null, "DELETE")).status).toBe(204);
    expect((await ask(`/api/v1/api-tokens/${shown.id}`, null, "DELETE")).status).toBe(204);
    const refused = await ask("/api/v1/hosts", token);
    expect(refused.headers.get("www-authenticate")).toBe("Bearer");
    expect(await codeOf(refused)).toBe("API_TOKEN_REFUSED");
    expect((await listed()).find((one) => one.id === shown.id)?.state).toBe("revoked");

    const stored = await hub.ctx.series.query("SELECT t::text FROM api_token t UNION ALL SELECT a::text FROM audit_event a");
    expect(JSON.stringify(stored.rows) + hub.logs()).not.toContain(token.slice(12));
    const actions = await hub.ctx.db.auditEvent.findMany({ where: { target: shown.id }, select: { action: true } });
    expect(actions.map((one) => one.action)).toEqual(["api-token.create", "api-token.revoke"]);
  });

  test("expires; what is wrong about one is said", async () => {
    const { token, id } = await make({ expiresAt: new Date(Date.now() + 60_000).toISOString() });
    expect((await ask("/api/v1/hosts", token)).status).toBe(200);
    await hub.ctx.db.apiToken.update({ where: { id }, data: { expiresAt: new Date(0) } });
    expect(await codeOf(await ask("/api/v1/hosts", token))).toBe("API_TOKEN_REFUSED");
    expect((await listed()).find((one) => one.id === id)?.state).toBe("expired");
    for (const wrong of ["x", `sonde_${"A".repeat(43)}`]) expect(await codeOf(await ask("/api/v1/hosts", wrong))).toBe("API_TOKEN_REFUSED");
    const basic = await fetch(`${hub.url}/api/v1/hosts`, { headers: { authorization: "Basic eDp5", cookie } });
    expect(await codeOf(basic)).toBe("API_TOKEN_REFUSED");
    const past = { name: "x", expiresAt: "2020-01-01T00:00:00Z" };
    expect(await codeOf(await ask("/api/v1/api-tokens", null, "POST", past))).toBe("BAD_REQUEST");
  });

  test("the time of its last use is written once a minute", async () => {
    const { token, id } = await make();
    let now = Date.now();
    const clock: Clock = { ...hub.ctx.clock, now: () => now };
    const used = async () => {
      await authenticateApiToken({ db: hub.ctx.db, clock }, token);
      return (await hub.ctx.db.apiToken.findUniqueOrThrow({ where: { id } })).lastUsedAt?.getTime();
    };
    const first = now;
    expect(await used()).toBe(first);
    now += 59_000;
    expect(await used()).toBe(first);
    now += 1_000;
    expect(await used()).toBe(now);
  });
});

describe("what a token may", () => {
  test("read tokens change nothing; write tokens do, without an Origin; neither is a person", async () => {
    const { token: reader } = await make();
    const { token: writer } = await make({ access: "write" });
    const { hostId } = await hub.enrol();
    const check = { expression: "udp" };
    expect((await ask("/api/v1/filters/check", reader, "POST", check)).status).toBe(200);
    const changes: [string, string, unknown?][] = [
      [`/api/v1/hosts/${hostId}`, "DELETE"],
      ["/api/v1/enrolment-tokens", "POST", {}],
      ["/api/v1/filters", "POST", check],
      ["/api/v1/api-tokens", "POST", { name: "x" }],
    ];
    for (const [path, method, body] of changes)
      expect([path, await codeOf(await ask(path, reader, method, body))]).toEqual([path, "FORBIDDEN"]);
    expect((await ask(`/api/v1/hosts/${hostId}`, writer, "DELETE")).status).toBe(204);
    const event = await hub.ctx.db.auditEvent.findFirstOrThrow({ where: { action: "host.remove", target: hostId } });
    expect(event.actor).toMatch(/^api-token:/);
    const password = { email: "a@example.net", password: "long enough for this" };
    expect(await codeOf(await ask("/api/v1/password", writer, "POST", password))).toBe("FORBIDDEN");
  });

  test("a cookie still needs its Origin, whatever else is said", async () => {
    const headers = { cookie, "content-type": "application/json" };
    const response = await fetch(`${hub.url}/api/v1/api-tokens`, { method: "POST", headers, body: '{"name":"x"}' });
    expect(await codeOf(response)).toBe("BAD_ORIGIN");
  });

  test("a token makes none that sees more or lives longer, and sees and revokes none that sees more", async () => {
    const soon = new Date(Date.now() + 3600_000).toISOString();
    const { token, id } = await make({ access: "write", scope: { env: ["prod", "test"] }, expiresAt: soon });
    const { id: all } = await make();
    const attempt = async (body: object) => (await ask("/api/v1/api-tokens", token, "POST", { name: "x", ...body })).status;
    expect(await attempt({ expiresAt: soon })).toBe(403);
    expect(await attempt({ expiresAt: soon, scope: { env: ["dev"] } })).toBe(403);
    expect(await attempt({ expiresAt: soon, scope: { rack: ["1"] } })).toBe(403);
    expect(await attempt({ scope: { env: ["prod"] } })).toBe(403);
    expect(await attempt({ expiresAt: soon, scope: { env: ["prod"], rack: ["1"] } })).toBe(201);
    const seen = (await listed(token)).map((one) => one.id);
    expect(seen).toContain(id);
    expect(seen).not.toContain(all);
    expect(await codeOf(await ask(`/api/v1/api-tokens/${all}`, token, "DELETE"))).toBe("NOT_FOUND");
  });

  test("within", () => {
    const cases: [LabelSelector | null, LabelSelector | null, boolean][] = [
      [null, null, true],
      [{ env: ["a"] }, null, true],
      [null, { env: ["a"] }, false],
      [{ env: ["a"] }, { env: ["a", "b"] }, true],
      [{ env: ["a", "c"] }, { env: ["a", "b"] }, false],
      [{ env: ["a"], rack: ["1"] }, { env: ["a"] }, true],
      [{ rack: ["1"] }, { env: ["a"] }, false],
      [{ rack: ["1"] }, { constructor: ["a"] }, false],
    ];
    for (const [inner, outer, expected] of cases) expect([inner, outer, isWithin(inner, outer)]).toEqual([inner, outer, expected]);
  });

  test("whoever fails too often waits, and fails alone", async () => {
    const { token } = await createApiToken({
      ctx: hub.ctx,
      actor: { kind: "local" },
      input: { name: "good", access: "read", scope: null, expiresAt: null },
    });
    const { GET } = await import("../../../app/api/v1/hub/route.ts");
    const from = (address: string, secret: string) =>
      GET(new Request(hub.url, { headers: { authorization: `Bearer ${secret}`, "x-sonde-client-address": address } }), {
        params: Promise.resolve({}),
      });
    for (let i = 0; i < 60; i++) expect((await from("192.0.2.9", "wrong")).status).toBe(401);
    expect((await from("192.0.2.9", token)).status).toBe(429);
    expect((await from("192.0.2.10", token)).status).toBe(200);
  });
});

describe("a scope", () => {
  test("hosts outside of it do not exist: by the label in force, in lists, details and filters", async () => {
    const db = hub.ctx.db;
    const hosts = await Promise.all([hub.enrol(), hub.enrol(), hub.enrol(), hub.enrol()]);
    const [prod, overridden, other, agentSaid] = hosts.map((one) => one.hostId) as [string, string, string, string];
    await db.hostLabel.createMany({
      data: [
        { hostId: prod, key: "env", source: "token", value: "prod" },
        { hostId: prod, key: "env", source: "agent", value: "dev" },
        { hostId: overridden, key: "env", source: "token", value: "prod" },
        { hostId: overridden, key: "env", source: "hand", value: "dev" },
        { hostId: other, key: "rack", source: "hand", value: "prod" },
        { hostId: agentSaid, key: "env", source: "agent", value: "test" },
      ],
    });
    const { token } = await make({ access: "write", scope: { env: ["prod", "test"] } });
    const inside = new Set([prod, agentSaid]);
    const list = hostListSchema.parse(await (await ask("/api/v1/hosts", token)).json());
    expect(new Set(list.items.map((host) => host.id))).toEqual(inside);
    const filters = filterListSchema.parse(await (await ask("/api/v1/filters", token)).json());
    expect(new Set(filters.hosts.map((host) => host.hostId))).toEqual(inside);
    const range = "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z";
    for (const { hostId } of hosts) {
      const expected = inside.has(hostId) ? 200 : 404;
      expect((await ask(`/api/v1/hosts/${hostId}`, token)).status).toBe(expected);
      expect((await ask(`/api/v1/hosts/${hostId}/counters?${range}`, token)).status).toBe(expected);
    }
    expect((await ask(`/api/v1/hosts/${other}`, token, "DELETE")).status).toBe(404);
    expect(await codeOf(await ask("/api/v1/filters", token, "POST", { expression: "udp" }))).toBe("FORBIDDEN");
    expect(await codeOf(await ask("/api/v1/enrolment-tokens", token, "POST", {}))).toBe("FORBIDDEN");
    expect((await ask(`/api/v1/hosts/${prod}`, token, "DELETE")).status).toBe(204);
  });
});
