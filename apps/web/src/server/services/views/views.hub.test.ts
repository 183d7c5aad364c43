import { API_BASE, hostAgentSchema, problemSchema, viewListSchema, viewSchema } from "@sonde/protocol/rest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestHub, type TestHub } from "../../../../test/hub.ts";

let hub: TestHub;
let cookie: string;
beforeAll(async () => {
  hub = await startTestHub();
  cookie = await hub.signIn();
}, 60_000);
afterAll(() => hub.stop());

const ask = (method: string, path: string, body?: object): Promise<Response> =>
  fetch(`${hub.url}${API_BASE}${path}`, {
    method,
    headers: { cookie, origin: hub.url, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const list = async () => viewListSchema.parse(await (await ask("GET", "/views")).json()).items;

test("a view is saved, replaced by one of its name, and deleted", async () => {
  const saved = await ask("POST", "/views", { screen: "flows", name: "DNS", query: "filter=udp.port+%3D%3D+53" });
  expect(saved.status).toBe(201);
  const { id } = viewSchema.parse(await saved.json());
  await ask("POST", "/views", { screen: "fleet", name: "DNS", query: "filter=role%3Ddns" });
  expect(viewSchema.parse(await (await ask("POST", "/views", { screen: "flows", name: "DNS", query: "by=peer" })).json()).id).toBe(id);
  expect((await list()).map(({ screen, query }) => [screen, query])).toEqual([
    ["fleet", "filter=role%3Ddns"],
    ["flows", "by=peer"],
  ]);
  expect((await ask("DELETE", `/views/${id}`)).status).toBe(204);
  expect((await ask("DELETE", `/views/${id}`)).status).toBe(404);
  expect(await list()).toHaveLength(1);
});

test("of a thousand views one is replaced, and no other is saved", async () => {
  const one = { screen: "flows", query: "by=peer" };
  await hub.ctx.db.savedView.createMany({
    data: Array.from({ length: 1000 - (await list()).length }, (_, i) => ({ ...one, name: `view ${i}`, createdBy: "test" })),
  });
  expect((await ask("POST", "/views", { ...one, name: "view 7" })).status).toBe(201);
  expect(problemSchema.parse(await (await ask("POST", "/views", { ...one, name: "another" })).json()).code).toBe("TOO_MANY");
  await hub.ctx.db.savedView.deleteMany();
});

test("what is no view is refused", async () => {
  for (const body of [{}, { screen: "nowhere", name: "x", query: "" }, { screen: "flows", name: " ", query: "" }]) {
    const response = await ask("POST", "/views", body);
    expect(problemSchema.parse(await response.json()).code).toBe("BAD_REQUEST");
  }
});

test("an agent that has said nothing is known as such, and a host that is not there is not found", async () => {
  const { hostId } = await hub.enrol();
  expect(hostAgentSchema.parse(await (await ask("GET", `/hosts/${hostId}/agent`)).json())).toEqual({ status: null, engine: null });
  expect((await ask("GET", "/hosts/6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11/agent")).status).toBe(404);
});
