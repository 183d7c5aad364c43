import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { liveMessageSchema, type LiveMessage } from "@sonde/protocol";
import type { Socket } from "socket.io-client";
import { ask, next, passport, startTestHub, until, type TestHub } from "../../../test/hub.ts";
import { counterBatch, recordBatch } from "../../../test/batches.ts";

let hub: TestHub;
let cookie: string;
beforeAll(async () => {
  hub = await startTestHub();
  cookie = await hub.signIn();
}, 60_000);
afterAll(() => hub.stop());

type Seen = { messages: LiveMessage[]; batches: { hostId: string; bytes: Uint8Array }[] };
async function viewer(): Promise<Seen & { socket: Socket }> {
  const socket = hub.viewer({ cookie, origin: hub.url });
  const seen: Seen = { messages: [], batches: [] };
  socket.on("message", (message: unknown) => void seen.messages.push(liveMessageSchema.parse(message)));
  socket.on("batch", (hostId: string, bytes: Uint8Array) => void seen.batches.push({ hostId, bytes: new Uint8Array(bytes) }));
  await next(socket, "connect");
  return { socket, ...seen };
}
async function agent(): Promise<{ socket: Socket; of: { hostId: string; bootId: string; stream: bigint } }> {
  const { hostId, credential } = await hub.enrol();
  const of = { hostId, bootId: randomUUID(), stream: 7n };
  const socket = hub.agent({ hostId, credential });
  socket.on("message", (message: { type: string }, reply: (answer: object) => void) => {
    if (message.type === "clock") reply({ ok: true, bootNs: "9000000000", wallNs: `${BigInt(Date.now()) * 1_000_000n}` });
  });
  await next(socket, "connect");
  const hello = {
    type: "hello",
    bootId: of.bootId,
    stream: "7",
    passport,
    bootNs: "9000000000",
    wallNs: `${BigInt(Date.now()) * 1_000_000n}`,
  };
  await ask(socket, "message", hello);
  await ask(socket, "message", {
    type: "interfaces",
    interfaces: [{ ifindex: 2, name: "eth0", kind: "ethernet", mac: null, mtu: 1500, up: true, hook: "tcx" }],
  });
  return { socket, of };
}

describe("who may look", () => {
  const refusal = async (headers: Record<string, string>): Promise<unknown> => {
    const [error] = (await next(hub.viewer(headers), "connect_error")) as [Error & { data?: { code?: string } }];
    return error.data?.code ?? "refused";
  };
  test("no or a foreign origin never reaches the namespace; no or a wrong cookie is told so", async () => {
    expect(await refusal({ cookie })).toBe("refused");
    expect(await refusal({ cookie, origin: "https://evil.example" })).toBe("refused");
    expect(await refusal({ cookie, origin: "null" })).toBe("refused");
    expect(await refusal({ origin: hub.url })).toBe("NOT_SIGNED_IN");
    expect(await refusal({ origin: hub.url, cookie: "sonde.session_token=abc.def" })).toBe("NOT_SIGNED_IN");
  });
  test("unknown messages and hosts", async () => {
    const { socket } = await viewer();
    expect(await ask(socket, "message", { type: "dance" })).toMatchObject({ code: "UNKNOWN_MESSAGE" });
    expect(await ask(socket, "message", { type: "watch", hostId: "x" })).toMatchObject({ code: "BAD_REQUEST" });
    expect(await ask(socket, "message", { type: "watch", hostId: randomUUID() })).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("what they see (SPEC 7)", () => {
  test("a subscription is told a host's clock before its first rows (SPEC 7.4)", async () => {
    const one = await agent();
    const { socket, messages } = await viewer();
    const told: string[] = [];
    socket.on("message", ({ type, hostId }: { type: string; hostId?: string }) => {
      if (type === "clock" && hostId === one.of.hostId) told.push("clock");
    });
    socket.on("rows", () => told.push("rows"));
    expect(await ask(socket, "message", { type: "subscribe", id: "s", hosts: "all", kinds: ["records"] })).toEqual({ ok: true });
    for (const sequence of [1n, 2n]) await ask(one.socket, "batch", recordBatch({ ...one.of, sequence }, 5));
    await until(() => told.filter((what) => what === "rows").length === 2, "the rows");
    expect(told).toEqual(["clock", "rows", "rows"]);
    expect(messages).toContainEqual(expect.objectContaining({ type: "clock", bootId: one.of.bootId }));
  });

  test("batches of the watched host only, bytes unchanged, until unwatched; ledger, clock and status", async () => {
    const one = await agent();
    const two = await agent();
    const a = await viewer();
    const b = await viewer();
    expect(await ask(a.socket, "message", { type: "watch", hostId: one.of.hostId })).toEqual({ ok: true });
    expect(await ask(b.socket, "message", { type: "watch", hostId: two.of.hostId })).toEqual({ ok: true });
    const bytes = recordBatch({ ...one.of, sequence: 1n }, 5);
    await ask(one.socket, "batch", bytes);
    await until(() => a.batches.length === 1, "the batch");
    expect(a.batches[0]).toEqual({ hostId: one.of.hostId, bytes });
    expect(await ask(one.socket, "batch", bytes)).toEqual({ ok: true });
    const damaged = recordBatch({ ...one.of, sequence: 2n }, 5).subarray(0, 300);
    await ask(one.socket, "batch", damaged);
    await until(() => a.messages.some((m) => m.type === "ledger" && m.ledger.stored === "5" && m.ledger.refused === "1"), "the ledger");
    expect(a.messages.filter((m) => m.type === "ledger").every((m) => m.hostId === one.of.hostId)).toBe(true);
    expect(a.messages).toContainEqual(expect.objectContaining({ type: "status", status: "live" }));
    expect(a.messages).toContainEqual(expect.objectContaining({ type: "clock", hostId: one.of.hostId, bootId: one.of.bootId }));
    const budget = { recordsPerSecond: 20_000, sampleN: 50, step: "short" };
    const status = { type: "status", sampleN: 50, snaplen: 64, rssBytes: 1, cpuSeconds: 1, queueBytes: 0, queueLost: "0", budget };
    expect(await ask(one.socket, "message", status)).toEqual({ ok: true });
    const recording = { type: "recording", hostId: one.of.hostId, sampleN: 50, snaplen: 64, budget };
    await until(() => a.messages.some((m) => m.type === "recording"), "what is recorded");
    expect(a.messages).toContainEqual(recording);
    const late = await viewer();
    await ask(late.socket, "message", { type: "watch", hostId: one.of.hostId });
    await until(() => late.messages.some((m) => m.type === "recording"), "what is recorded, to one who comes later");
    await ask(a.socket, "message", { type: "unwatch", hostId: one.of.hostId });
    await ask(one.socket, "batch", recordBatch({ ...one.of, sequence: 3n }, 1));
    await ask(a.socket, "message", { type: "unwatch", hostId: one.of.hostId });
    expect(a.batches).toHaveLength(1);
    expect(b.batches).toHaveLength(0);
  });

  test("the fleet's rates are per second of uplinks", async () => {
    const { socket, of } = await agent();
    const { socket: page, messages } = await viewer();
    await ask(page, "message", { type: "watch-fleet" });
    const row = { ifindex: 2, direction: 1, frames: 10, packets: 20, bytes: 1000 } as const;
    await ask(socket, "batch", counterBatch({ ...of, sequence: 1n }, [row, { ...row, direction: 2 }]));
    const mine = () =>
      messages.flatMap((m) => (m.type === "fleet" ? m.hosts : [])).find((h) => h.hostId === of.hostId && h.packetsPerSecond > 0);
    await until(() => mine() !== undefined, "the fleet message");
    expect(mine()).toEqual({ hostId: of.hostId, status: "live", packetsPerSecond: 40, bitsPerSecond: 16_000 });
  });

  test("a silent agent's host goes stale and comes back", async () => {
    const { socket, of } = await agent();
    const page = await viewer();
    await ask(page.socket, "message", { type: "watch", hostId: of.hostId });
    socket.disconnect();
    await until(() => page.messages.some((m) => m.type === "status" && m.status === "stale"), "stale");
    await until(() => page.messages.some((m) => m.type === "hosts-changed" && m.hostIds.includes(of.hostId)), "the list's change");
  });

  test("SPEC 7.2: a browser that reads nothing misses batches, is told how many, and holds up nobody", async () => {
    const { socket, of } = await agent();
    const slow = await viewer();
    const quick = await viewer();
    for (const page of [slow, quick]) await ask(page.socket, "message", { type: "watch", hostId: of.hostId });
    const raw = Reflect.get(slow.socket.io.engine.transport, "ws") as { pause(): void; resume(): void };
    raw.pause();
    const count = 120;
    for (let i = 1; i <= count; i++)
      expect(await ask(socket, "batch", recordBatch({ ...of, sequence: BigInt(i) }, 2700))).toEqual({ ok: true });
    await until(() => quick.batches.length === count, "all batches at the quick browser");
    raw.resume();
    const skipped = () => slow.messages.reduce((sum, m) => sum + (m.type === "skipped" ? m.batches : 0), 0);
    await until(() => skipped() > 0 && slow.batches.length + skipped() === count, "the count of what was left out");
    expect(slow.messages.reduce((sum, m) => sum + (m.type === "skipped" ? m.records : 0), 0)).toBe(skipped() * 2700);
  });
});
