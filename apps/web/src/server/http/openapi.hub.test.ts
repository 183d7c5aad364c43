import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Validator } from "@seriousme/openapi-schema-validator";
import { openApiDocument, operations, type Operation } from "@sonde/protocol/openapi";
import { API_BASE, problemSchema, type ApiAccess } from "@sonde/protocol/rest";
import { build } from "esbuild";
import { generateSource } from "oazapfts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestHub, type TestHub } from "../../../test/hub.ts";
import { methodsOf, routeFiles } from "../../../test/routes.ts";
import { createApiToken } from "../services/api-tokens/create.ts";

let hub: TestHub;
let folder: string;
beforeAll(async () => {
  hub = await startTestHub();
  folder = mkdtempSync(join(tmpdir(), "sonde-openapi-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await hub.stop();
});

async function tokenFor(access: ApiAccess): Promise<string> {
  const input = { name: "test", access, scope: null, expiresAt: null };
  return (await createApiToken({ ctx: hub.ctx, actor: { kind: "local" }, input })).token;
}

test("the document names every route and method, and no other", async () => {
  const files = routeFiles().filter((file) => file.path.startsWith(`${API_BASE}/`));
  const there = await Promise.all(
    files.map(async (file) => {
      const path = file.path.slice(API_BASE.length).replaceAll("[", "{").replaceAll("]", "}");
      return (await methodsOf(file)).map((method) => `${method} ${path}`);
    }),
  );
  const named = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect(named.toSorted()).toEqual(there.flat().toSorted());
  expect(new Set(operations.map((one) => one.id)).size).toBe(operations.length);
});

test("the document is OpenAPI 3.1, as the hub serves it", async () => {
  const response = await fetch(`${hub.url}${API_BASE}/openapi.json`);
  const document: unknown = await response.json();
  expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument(hub.ctx.version))));
  const validator = new Validator();
  expect(await validator.validate(document as Parameters<Validator["validate"]>[0])).toEqual({ valid: true });
  expect(validator.version).toBe("3.1");
});

describe("who may call what is as the document says", () => {
  const send = (operation: Operation, headers: Record<string, string>): Promise<Response> => {
    const { method, path, example, body } = operation;
    const url = new URL(hub.url + API_BASE + path.replace(/\{\w+\}/g, () => randomUUID()));
    for (const [name, value] of Object.entries(example?.query ?? {})) url.searchParams.set(name, value);
    const sent = body ? { body: JSON.stringify(example?.body), headers: { ...headers, "content-type": "application/json" } } : { headers };
    return fetch(url, { method: method.toUpperCase(), ...sent });
  };
  const outcome = async (response: Response): Promise<string> => {
    if (!response.headers.get("content-type")?.startsWith("application/problem+json")) {
      await response.body?.cancel();
      return "done";
    }
    return problemSchema.parse(await response.json()).code;
  };

  test.each(operations.map((operation) => [`${operation.method} ${operation.path}: ${operation.access}`, operation] as const))(
    "%s",
    async (_, operation) => {
      const [reader, writer] = [await tokenFor("read"), await tokenFor("write")];
      const anonymous = await outcome(await send(operation, { origin: hub.url }));
      const read = await outcome(await send(operation, { authorization: `Bearer ${reader}` }));
      const write = await outcome(await send(operation, { authorization: `Bearer ${writer}` }));
      expect(anonymous === "NOT_SIGNED_IN").toBe(operation.access !== "public");
      expect(read === "FORBIDDEN").toBe(operation.access === "write" || operation.access === "person");
      expect(write === "FORBIDDEN").toBe(operation.access === "person");
      // An example that is refused as such would have shown nothing.
      for (const code of [read, write]) expect(["INTERNAL", "BAD_REQUEST", "BAD_ORIGIN", "API_TOKEN_REFUSED"]).not.toContain(code);
    },
  );
});

describe("a generated client", () => {
  type Answer = { status: number; data: unknown };
  type Client = {
    defaults: { baseUrl: string; headers: Record<string, string> };
    listHosts(query?: { limit?: number; cursor?: string }): Promise<Answer>;
    getHost(id: string): Promise<Answer>;
    getHostCounters(id: string, from: string, to: string, more?: object): Promise<Answer>;
    checkFilter(body: { expression: string }): Promise<Answer>;
    createApiToken(body: object): Promise<Answer>;
    listApiTokens(): Promise<Answer>;
    revokeApiToken(id: string): Promise<Answer>;
  };
  async function generate(): Promise<Client> {
    const document = join(folder, "openapi.json");
    writeFileSync(document, await (await fetch(`${hub.url}${API_BASE}/openapi.json`)).text());
    const source = join(folder, "client.ts");
    writeFileSync(source, await generateSource(document));
    const outfile = join(folder, "client.mjs");
    const modules = fileURLToPath(new URL("../../../../../node_modules", import.meta.url));
    await build({
      entryPoints: [source],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      nodePaths: [modules],
      logLevel: "warning",
    });
    return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Client;
  }

  test("lists, reads, posts, deletes and meets problems", async () => {
    const { hostId } = await hub.enrol();
    await hub.enrol();
    const client = await generate();
    expect(client.defaults.baseUrl).toBe(API_BASE);
    client.defaults.baseUrl = hub.url + API_BASE;
    client.defaults.headers = { authorization: `Bearer ${await tokenFor("write")}` };
    const first = await client.listHosts({ limit: 1 });
    expect(first).toMatchObject({ status: 200, data: { items: [{ status: "never" }], nextCursor: expect.any(String) } });
    const { nextCursor } = first.data as { nextCursor: string };
    const rest = (await client.listHosts({ cursor: nextCursor })).data as { items: { id: string }[] };
    expect(rest.items.length).toBe((await hub.ctx.db.host.count()) - 1);
    expect(await client.getHost(hostId)).toMatchObject({ status: 200, data: { id: hostId, ledger: null } });
    expect(await client.getHost(randomUUID())).toMatchObject({ status: 404, data: { code: "NOT_FOUND" } });
    expect(await client.getHostCounters(hostId, "2026-11-20T12:00:00Z", "2026-11-20T13:00:00Z")).toMatchObject({
      status: 200,
      data: { items: [], truncated: false },
    });
    expect(await client.checkFilter({ expression: "udp prot 53" })).toMatchObject({ status: 200, data: { ok: false, position: 4 } });
    const made = await client.createApiToken({ name: "generated", scope: { env: ["prod"] } });
    expect(made).toMatchObject({ status: 201, data: { name: "generated", access: "read", token: expect.stringMatching(/^sonde_/) } });
    const { id } = made.data as { id: string };
    expect(await client.revokeApiToken(id)).toMatchObject({ status: 204 });
    const tokens = (await client.listApiTokens()).data as { items: { id: string; state: string }[] };
    expect(tokens.items.find((one) => one.id === id)?.state).toBe("revoked");
    client.defaults.headers = {};
    expect(await client.listHosts()).toMatchObject({ status: 401, data: { code: "NOT_SIGNED_IN" } });
  });
});
