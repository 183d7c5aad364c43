import { randomUUID } from "node:crypto";
import { createSocket, type Socket as Udp } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { namesSchema, nameSettingsSchema, problemSchema } from "@sonde/protocol/rest";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, next, passport, startTestHub, type TestHub, until } from "../../../../test/hub.ts";
import type { Clock } from "../../clock.ts";
import * as namesRoute from "../../../app/api/v1/names/route.ts";
import * as settingsRoute from "../../../app/api/v1/settings/names/route.ts";
import type { Actor } from "../call.ts";
import { createToken } from "../tokens/create.ts";
import { enrolHost } from "../hosts/enrol.ts";
import { createReverseDns } from "./reverse-dns.ts";
import { resolveNames } from "./resolve.ts";

let hub: TestHub;
let cookie: string;
beforeAll(async () => {
  hub = await startTestHub();
  cookie = await hub.signIn();
}, 60_000);
afterAll(() => hub.stop());

const params = () => ({ params: Promise.resolve({}) });
const request = (method: string, body?: unknown): Request =>
  new Request(hub.url, {
    method,
    headers: { "content-type": "application/json", cookie, origin: hub.url },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const names = async (...addresses: string[]) =>
  namesSchema.parse(await (await namesRoute.POST(request("POST", { addresses }), params())).json());
const local = { kind: "local" } as const;

async function hostWith(hostname: string, env: string, addresses: string[]): Promise<string> {
  const { token } = await createToken({ ctx: hub.ctx, actor: local, input: { minutes: 5, labels: { env } } });
  const host = await enrolHost({ ctx: hub.ctx, actor: { kind: "anonymous" }, input: { token, hostname, passport } });
  const socket = hub.agent(host);
  await next(socket, "connect");
  const hello = { type: "hello", bootId: randomUUID(), stream: "7", passport, bootNs: "5000000000", wallNs: "1700000000000000000" };
  expect(await ask(socket, "message", hello)).toMatchObject({ ok: true });
  const eth0 = { ifindex: 2, name: "eth0", kind: "ethernet", mac: null, mtu: 1500, up: true, hook: "tcx", addresses };
  expect(await ask(socket, "message", { type: "interfaces", interfaces: [eth0] })).toMatchObject({ ok: true });
  socket.disconnect();
  return host.hostId;
}

describe("names", () => {
  test("enrolled hosts, however the address is written; what is reserved; what is not known", async () => {
    const web = await hostWith("web-1", "prod", ["203.0.113.5", "2001:db8::5", "fe80::1", "127.0.0.1"]);
    const [a, b] = [await hostWith("lab-1", "test", ["172.17.0.1"]), await hostWith("lab-2", "test", ["172.17.0.1"])];
    const { items, pending } = await names(
      "203.0.113.5",
      "2001:DB8:0::5",
      "::ffff:203.0.113.5",
      "172.17.0.1",
      "fe80::1",
      "127.0.0.1",
      "8.8.8.8",
    );
    const of = (i: number) => items[i]!.hosts;
    for (const i of [0, 1, 2]) expect(of(i)).toEqual([{ id: web, name: "web-1", interface: "eth0" }]);
    expect(items[1]?.address).toBe("2001:DB8:0::5");
    expect(
      of(3)
        .map((host) => host.id)
        .toSorted(),
    ).toEqual([a, b].toSorted());
    expect(items.slice(3).map((one) => one.special?.name ?? null)).toEqual(["private", "link-local", "loopback", null]);
    expect([of(4), of(5), of(6)]).toEqual([[], [], []]);
    expect(items[6]).toEqual({ address: "8.8.8.8", hosts: [], special: null, name: null, country: null, asn: null, asName: null });
    expect(pending).toBe(0);
  });

  test("no host outside the scope is named", async () => {
    const actor: Actor = { kind: "token", token: { id: randomUUID(), access: "read", scope: { env: ["test"] }, expiresAt: null } };
    const input = { addresses: ["203.0.113.5", "172.17.0.1"] };
    const { items } = await resolveNames({ ctx: hub.ctx, actor, input });
    expect(items.map((one) => one.hosts.length)).toEqual([0, 2]);
  });

  test("refused: none, too many, what is no address", async () => {
    for (const addresses of [[], Array.from({ length: 501 }, () => "192.0.2.1"), ["web-1"], ["10.0.0.0/8"], ["fe80::1%eth0"], ["0x7f.1"]]) {
      const response = await namesRoute.POST(request("POST", { addresses }), params());
      expect(problemSchema.parse(await response.json()).code).toBe("BAD_REQUEST");
    }
  });

  test("reverse DNS is off until it is turned on, and its settings are in the trail", async () => {
    const settings = async (body?: object) => {
      const answer = body === undefined ? settingsRoute.GET(request("GET"), params()) : settingsRoute.PUT(request("PUT", body), params());
      return nameSettingsSchema.parse(await (await answer).json());
    };
    expect(await settings()).toMatchObject({ reverseDns: false, reverseDnsPrivate: false, databases: [], lookups: { asked: 0 } });
    expect((await names("192.31.196.7")).pending).toBe(0);
    expect(await settings({ reverseDns: true })).toMatchObject({ reverseDns: true, reverseDnsPrivate: false });
    expect(await settings({ reverseDnsPrivate: true })).toMatchObject({ reverseDns: true, reverseDnsPrivate: true });
    expect(await settings({ reverseDns: false, reverseDnsPrivate: false })).toMatchObject({ reverseDns: false });
    expect(await hub.ctx.db.auditEvent.count({ where: { action: "settings.names" } })).toBe(3);
  });
});

/** A clock whose timers run when told to. */
function handClock(): Clock & { tick(ms: number): void; pass(ms: number): void } {
  let now = 1_700_000_000_000;
  const timers = new Set<{ ms: number; run: () => void }>();
  const add = (ms: number, run: () => void) => {
    const timer = { ms, run };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  return {
    now: () => now,
    every: add,
    after: add,
    tick: (ms) => [...timers].filter((timer) => timer.ms === ms).forEach((timer) => timer.run()),
    pass: (ms) => void (now += ms),
  };
}

/** A DNS server on loopback: PTR of 192.0.2.N is host-N.example, of .13 nothing; .14 fails, .15 never answers, .16 lies. */
function serveDns(): Promise<{ server: Udp; asked: string[]; address: string }> {
  const asked: string[] = [];
  const server = createSocket("udp4", (message, from) => {
    let end = 12;
    while (message[end] !== 0) end += message[end]! + 1;
    const question = message.subarray(12, end + 5);
    const last = Number(message.toString("latin1", 13, 13 + message[12]!));
    asked.push(`192.0.2.${last}`);
    if (last === 15) return;
    const rcode = last === 13 ? 3 : last === 14 ? 2 : 0;
    const name = last === 16 ? ["<b>bold</b>", "example"] : [`host-${last}`, "example"];
    const rdata = Buffer.concat([...name.map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.from([0])]);
    const answer = Buffer.concat([Buffer.from([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60, 0, rdata.length]), rdata]);
    const header = Buffer.from([message[0]!, message[1]!, 0x81, 0x80 | rcode, 0, 1, 0, rcode === 0 ? 1 : 0, 0, 0, 0, 0]);
    server.send(Buffer.concat(rcode === 0 ? [header, question, answer] : [header, question]), from.port, from.address);
  });
  return new Promise((resolve) =>
    server.bind(0, "127.0.0.1", () => resolve({ server, asked, address: `127.0.0.1:${server.address().port}` })),
  );
}

describe("reverse DNS", () => {
  test("names, no names, failures and lies; kept, and asked again when too old", async () => {
    const { server, asked, address } = await serveDns();
    const resolver = new Resolver({ timeout: 200, tries: 1 });
    resolver.setServers([address]);
    const clock = handClock();
    const { db } = hub.ctx;
    const dns = createReverseDns({ db, clock, log: pino({ level: "silent" }), resolvePtr: (name) => resolver.resolvePtr(name) });
    const all = [1, 13, 14, 15, 16].map((n) => `192.0.2.${n}`);
    expect((await dns.known(all)).size).toBe(0);
    expect(dns.ask(all)).toBe(5);
    expect(dns.ask(all)).toBe(5); // none waits twice
    for (let i = 0; i < 3; i++) clock.tick(100);
    await until(async () => (await dns.known(all)).size === 5, "the answers");
    expect(Object.fromEntries(await dns.known(all))).toEqual({
      "192.0.2.1": "host-1.example",
      ...Object.fromEntries(all.slice(1).map((one) => [one, null])),
    });
    expect(asked.toSorted()).toEqual(all.toSorted());
    expect(dns.counts()).toEqual({ asked: 5, failed: 2, dropped: 0 });

    clock.pass(301_000); // what failed is asked again first
    expect([...(await dns.known(all)).keys()].toSorted()).toEqual(["192.0.2.1", "192.0.2.13", "192.0.2.16"]);
    clock.pass(24 * 3_600_000);
    expect((await dns.known(all)).size).toBe(0);
    clock.tick(600_000);
    await until(async () => (await db.addressName.count()) === 0, "the old names to go");
    dns.stop();
    server.close();
  });

  test("asks about IPv6 where its names are", async () => {
    const clock = handClock();
    const asked: string[] = [];
    const resolvePtr = async (name: string) => (asked.push(name), ["six.example"]);
    const dns = createReverseDns({ db: hub.ctx.db, clock, log: pino({ level: "silent" }), resolvePtr });
    dns.ask(["2001:db8::1f"]);
    clock.tick(100);
    await until(async () => (await dns.known(["2001:db8::1f"])).get("2001:db8::1f") === "six.example", "the name");
    expect(asked).toEqual([`f.1.${"0.".repeat(22)}8.b.d.0.1.0.0.2.ip6.arpa`]);
    dns.stop();
  });

  test("bounded: 20 a second, 8 at once, 2,000 waiting", async () => {
    const clock = handClock();
    const open: ((names: string[]) => void)[] = [];
    const resolvePtr = () => new Promise<string[]>((resolve) => open.push(resolve));
    const dns = createReverseDns({ db: hub.ctx.db, clock, log: pino({ level: "silent" }), resolvePtr });
    const many = Array.from({ length: 2_500 }, (_, i) => `198.51.${i >> 8}.${i & 255}`);
    expect(dns.ask(many)).toBe(2_000);
    expect(dns.counts().dropped).toBe(500);
    clock.tick(100);
    expect(open).toHaveLength(2);
    for (let i = 0; i < 20; i++) clock.tick(100);
    expect(open).toHaveLength(8);
    dns.stop();
    for (const end of open) end([]);
    expect(dns.ask(["198.51.100.1"])).toBe(0);
  });
});
