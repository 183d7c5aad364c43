import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  hostDetailSchema,
  hostListSchema,
  createTokenResponseSchema,
  countersResponseSchema,
  problemSchema,
  tokenListSchema,
} from "@sonde/protocol/rest";
import { passport, startTestHub, type TestHub } from "../../../test/hub.ts";
import { createToken } from "./tokens/create.ts";
import { enrolHost } from "./hosts/enrol.ts";
import * as enrolRoute from "../../app/api/v1/enrol/route.ts";
import * as hostRoute from "../../app/api/v1/hosts/[id]/route.ts";
import * as hostsRoute from "../../app/api/v1/hosts/route.ts";
import * as countersRoute from "../../app/api/v1/hosts/[id]/counters/route.ts";
import * as tokensRoute from "../../app/api/v1/enrolment-tokens/route.ts";
import * as tokenRoute from "../../app/api/v1/enrolment-tokens/[id]/route.ts";
import * as bundleRoute from "../../app/api/v1/agent/bundle/route.ts";

let hub: TestHub;
let cookie: string;
beforeAll(async () => {
  hub = await startTestHub();
  cookie = await hub.signIn();
}, 60_000);
afterAll(() => hub.stop());

type Segment = { params: Promise<Record<string, string>> };
const params = (values: Record<string, string> = {}): { params: Promise<{ id: string }> } & Segment => ({
  params: Promise.resolve({ id: "", ...values }),
});
const request = (path: string, method = "GET", body?: unknown, headers: Record<string, string> = { cookie, origin: hub.url }): Request =>
  new Request(hub.url + path, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const codeOf = async (response: Response): Promise<string> => {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem.code;
};
const enrolBody = (token: string) => ({ token, hostname: "web-1", passport });
const newToken = async (minutes = 5) => createToken({ ctx: hub.ctx, actor: { kind: "local" }, input: { minutes } });

describe("enrolment", () => {
  test("token → host and credential; the token's life shows in the list", async () => {
    const made = await tokensRoute.POST(request("/", "POST", { note: "rack 4" }), params());
    expect(made.status).toBe(201);
    const { token, installLine, id } = createTokenResponseSchema.parse(await made.json());
    expect(token).toMatch(/^snd_enrol_[\w-]{43}$/);
    expect(installLine).toBe(`printf '%s' '${token}' | $(command -v sudo) sh -c "$(curl -fsS ${hub.url}/install.sh || echo exit 1)"`);
    const enrolled = await enrolRoute.POST(request("/", "POST", enrolBody(token), {}), params());
    expect(enrolled.status).toBe(201);
    const { hostId } = (await enrolled.json()) as { hostId: string };
    const list = tokenListSchema.parse(await (await tokensRoute.GET(request("/"), params())).json());
    expect(list.items.find((one) => one.id === id)).toMatchObject({ state: "used", hostId, note: "rack 4", prefix: token.slice(0, 14) });
    expect(await codeOf(await enrolRoute.POST(request("/", "POST", enrolBody(token), {}), params()))).toBe("TOKEN_USED");
  });

  test("of many uses at the same time exactly one wins", async () => {
    const { token } = await newToken();
    const before = await hub.ctx.db.host.count();
    const uses = Array.from({ length: 8 }, () => enrolHost({ ctx: hub.ctx, actor: { kind: "anonymous" }, input: enrolBody(token) }));
    const results = await Promise.allSettled(uses);
    expect(results.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    for (const one of results) if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "TOKEN_USED" });
    expect(await hub.ctx.db.host.count()).toBe(before + 1);
  });

  test("unknown, expired, revoked", async () => {
    const use = async (token: string) => codeOf(await enrolRoute.POST(request("/", "POST", enrolBody(token), {}), params()));
    expect(await use("snd_enrol_nothing_like_it")).toBe("TOKEN_UNKNOWN");
    const expired = await newToken();
    await hub.ctx.db.enrolmentToken.update({ where: { id: expired.id }, data: { expiresAt: new Date(0) } });
    expect(await use(expired.token)).toBe("TOKEN_EXPIRED");
    const revoked = await newToken();
    expect((await tokenRoute.DELETE(request("/", "DELETE"), params({ id: revoked.id }))).status).toBe(204);
    expect(await use(revoked.token)).toBe("TOKEN_REVOKED");
  });

  test("secrets are stored only as hashes, and the trail names what was done", async () => {
    const { token } = await newToken();
    const { credential } = await enrolHost({ ctx: hub.ctx, actor: { kind: "anonymous" }, input: enrolBody(token) });
    const everything = JSON.stringify([
      await hub.ctx.series.query(
        "SELECT t::text FROM enrolment_token t UNION ALL SELECT c::text FROM agent_credential c UNION ALL SELECT a::text FROM audit_event a",
      ),
    ]);
    expect(everything).not.toContain(token.slice(20));
    expect(everything).not.toContain(credential.slice(20));
    const actions = await hub.ctx.db.auditEvent.findMany({ select: { action: true } });
    expect(new Set(actions.map((one) => one.action))).toEqual(
      new Set(["admin-link.create", "admin-link.consume", "token.create", "token.revoke", "host.enrol"]),
    );
    expect(hub.logs()).not.toContain(token.slice(20));
  });
});

describe("hosts", () => {
  test("list, page by page, and detail", async () => {
    const first = hostListSchema.parse(await (await hostsRoute.GET(request("/?limit=1"), params())).json());
    expect(first.items).toHaveLength(1);
    const rest = hostListSchema.parse(await (await hostsRoute.GET(request(`/?limit=100&cursor=${first.nextCursor}`), params())).json());
    expect(rest.items.length).toBe((await hub.ctx.db.host.count()) - 1);
    expect(rest.items.map((host) => host.id)).not.toContain(first.items[0]!.id);
    const detail = hostDetailSchema.parse(await (await hostRoute.GET(request("/"), params({ id: first.items[0]!.id }))).json());
    expect(detail).toMatchObject({ status: "never", ledger: null, interfaces: [], kernel: "6.18.0" });
  });

  test("counters of a host without any, and of none", async () => {
    const host = await hub.ctx.db.host.findFirstOrThrow();
    const query = "/?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z";
    expect(countersResponseSchema.parse(await (await countersRoute.GET(request(query), params({ id: host.id }))).json())).toEqual({
      items: [],
      truncated: false,
    });
    expect(await codeOf(await countersRoute.GET(request("/"), params({ id: host.id })))).toBe("BAD_REQUEST");
    expect(await codeOf(await countersRoute.GET(request(query), params({ id: "no-uuid" })))).toBe("NOT_FOUND");
  });

  test("removal takes a host off the list", async () => {
    const { hostId } = await hub.enrol();
    expect((await hostRoute.DELETE(request("/", "DELETE"), params({ id: hostId }))).status).toBe(204);
    expect(await codeOf(await hostRoute.GET(request("/"), params({ id: hostId })))).toBe("NOT_FOUND");
    expect(await codeOf(await hostRoute.DELETE(request("/", "DELETE"), params({ id: hostId })))).toBe("NOT_FOUND");
  });
});

describe("at the edge", () => {
  test("no cookie, foreign origin, no origin", async () => {
    expect(await codeOf(await hostsRoute.GET(request("/", "GET", undefined, {}), params()))).toBe("NOT_SIGNED_IN");
    expect(await codeOf(await tokensRoute.POST(request("/", "POST", {}, { cookie, origin: "https://evil.example" }), params()))).toBe(
      "BAD_ORIGIN",
    );
    expect(await codeOf(await tokensRoute.POST(request("/", "POST", {}, { cookie }), params()))).toBe("BAD_ORIGIN");
  });

  test("bodies that are too large, no JSON, not as expected, or not storable", async () => {
    const post = (body: string) =>
      enrolRoute.POST(new Request(hub.url, { method: "POST", headers: { "content-type": "application/json" }, body }), params());
    expect(await codeOf(await post("x".repeat(300_000)))).toBe("BAD_REQUEST");
    expect(await codeOf(await post("{"))).toBe("BAD_REQUEST");
    expect(await codeOf(await post("{}"))).toBe("BAD_REQUEST");
    const { token } = await newToken();
    expect(await codeOf(await post(JSON.stringify({ ...enrolBody(token), hostname: "a\u0000b" })))).toBe("BAD_REQUEST");
  });

  test("the bundle says when it is not built", async () => {
    const response = await bundleRoute.GET(request("/"), params());
    if (response.status === 404) expect(await codeOf(response)).toBe("NOT_FOUND");
    else {
      expect(response.headers.get("x-sonde-sha256")).toMatch(/^[0-9a-f]{64}$/);
      await response.body?.cancel();
    }
  });
});
