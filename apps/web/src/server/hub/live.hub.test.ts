import { BatchKind, checkBatch, headerAt, liveMessageSchema, tallySchema, viewOf, type LiveMessage, type Tally } from "@sonde/protocol";
import type { Socket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { connectTo, newRunOn, of, row, type Run } from "../../../test/agent-runs.ts";
import { counterBatch, flowBatch, recordBatch } from "../../../test/batches.ts";
import { ask, next, startTestHub, until, type TestHub } from "../../../test/hub.ts";

let hub: TestHub;
let cookie: string;
beforeAll(async () => {
  hub = await startTestHub();
  cookie = await hub.signIn();
}, 60_000);
afterAll(() => hub.stop());
const opened: Socket[] = [];
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.disconnect();
  await until(() => hub.ctx.hub.counters.subscriptions === 0, "the end of all subscriptions");
});

type Rows = { id: string; hostId: string; bytes: Uint8Array; tally: Tally };
type Page = { socket: Socket; messages: LiveMessage[]; rows: Rows[] };
async function page(): Promise<Page> {
  const socket = hub.viewer({ cookie, origin: hub.url });
  opened.push(socket);
  const seen: Omit<Page, "socket"> = { messages: [], rows: [] };
  socket.on("message", (message: unknown) => void seen.messages.push(liveMessageSchema.parse(message)));
  socket.on("rows", (id: string, hostId: string, bytes: Uint8Array, tally: unknown) => {
    seen.rows.push({ id, hostId, bytes: new Uint8Array(bytes), tally: tallySchema.parse(tally) });
  });
  await next(socket, "connect");
  return { socket, ...seen };
}
async function agent(): Promise<{ run: Run; socket: Socket }> {
  const run = await newRunOn(hub);
  return { run, socket: (await connectTo(hub, run)).socket };
}
async function send(socket: Socket, bytes: Uint8Array): Promise<void> {
  expect(await ask(socket, "batch", bytes)).toEqual({ ok: true });
}
/** The batch as if it was written a minute from now: nothing in it is so old that it would be history. */
function fresh(bytes: Uint8Array): Uint8Array {
  viewOf(bytes).setBigUint64(headerAt.lastNs, 60_000_000_000n, true);
  return bytes;
}
/** Everything that one subscription was told of its rows. */
function told(of: Page, id: string): Tally {
  const all = [
    ...of.rows.filter((one) => one.id === id).map((one) => one.tally),
    ...of.messages.flatMap((m) => (m.type === "tally" && m.id === id ? [m] : [])),
  ];
  return all.reduce((a, b) => ({ seen: a.seen + b.seen, matched: a.matched + b.matched, shown: a.shown + b.shown }), {
    seen: 0,
    matched: 0,
    shown: 0,
  });
}
const rowsIn = (all: readonly Rows[]): number =>
  all.reduce((sum, { bytes }) => {
    const checked = checkBatch(viewOf(bytes));
    if (!checked.ok) throw new Error(`a delivered batch is not sound: ${checked.code}`);
    return sum + checked.value.count;
  }, 0);
const subscribe = (to: Page, more: object) =>
  ask(to.socket, "message", { type: "subscribe", id: "s", hosts: "all", kinds: ["flows"], ...more });

describe("subscriptions (SPEC 7.4)", () => {
  test("by filter: only rows that it lets through, in sound batches, and how many there were", async () => {
    const { run, socket } = await agent();
    const here = await page();
    expect(await subscribe(here, { hosts: [run.hostId], filter: "flow.frames >= 3 && tcp", kinds: ["flows"] })).toEqual({ ok: true });
    const rows = Array.from({ length: 12 }, (_, i) => ({ ifindex: 2, direction: 1, frames: i % 4 }) as const);
    await send(socket, fresh(flowBatch(of(run, 1), rows)));
    await until(() => told(here, "s").seen === 12, "the rows");
    expect(told(here, "s")).toEqual({ seen: 12, matched: 3, shown: 3 });
    expect(rowsIn(here.rows)).toBe(3);
    expect(here.rows[0]?.hostId).toBe(run.hostId);
  });

  test("by label and by name of host and interface; other hosts' batches stay away", async () => {
    const [one, two] = [await agent(), await agent()];
    const here = await page();
    await hub.ctx.db.hostLabel.create({ data: { hostId: one.run.hostId, key: "env", source: "hand", value: "prod" } });
    hub.ctx.hub.hostsChanged([one.run.hostId]);
    await until(() => here.messages.some((m) => m.type === "hosts-changed" && m.hostIds.includes(one.run.hostId)), "word of the label");
    await subscribe(here, { id: "label", hosts: { labels: { env: ["prod", "stage"] } }, kinds: ["records"] });
    await subscribe(here, { id: "term", filter: 'host.label.env == "prod" && interface == "eth0"' });
    await subscribe(here, { id: "all" });
    for (const { run, socket } of [one, two]) {
      await send(socket, fresh(recordBatch(of(run, 1), 4)));
      await send(socket, fresh(flowBatch(of(run, 1), [{ ifindex: 2, direction: 1, frames: 1 }])));
    }
    await until(() => told(here, "all").seen === 2 && told(here, "term").seen === 2, "both hosts' flows");
    expect(told(here, "label")).toEqual({ seen: 4, matched: 4, shown: 4 });
    expect(told(here, "term")).toEqual({ seen: 2, matched: 1, shown: 1 });
    expect(new Set(here.rows.filter((r) => r.id !== "all").map((r) => r.hostId))).toEqual(new Set([one.run.hostId]));
    await ask(here.socket, "message", { type: "unsubscribe", id: "all" });
    await send(two.socket, fresh(flowBatch(of(two.run, 2), [{ ifindex: 2, direction: 1, frames: 1 }])));
    await until(() => told(here, "term").seen === 3, "the term's tally");
    expect(told(here, "all").seen).toBe(2);
  });

  test("thinned to what a screen can show, evenly, saying so", async () => {
    const { run, socket } = await agent();
    const here = await page();
    await subscribe(here, { hosts: [run.hostId], maxPerSecond: 100, kinds: ["flows", "records"] });
    const began = Date.now();
    for (let i = 1; i <= 20; i++) {
      await send(
        socket,
        fresh(
          flowBatch(
            of(run, i),
            Array.from({ length: 200 }, (_, n) => ({ ifindex: 2, direction: 1, frames: n }) as const),
          ),
        ),
      );
      await send(socket, fresh(recordBatch(of(run, i), 50)));
    }
    await until(() => told(here, "s").seen === 20 * 250, "the whole tally");
    const { matched, shown } = told(here, "s");
    expect(matched).toBe(20 * 250);
    expect(shown).toBe(rowsIn(here.rows));
    expect(shown).toBeGreaterThanOrEqual(50);
    expect(shown).toBeLessThanOrEqual(50 + ((Date.now() - began) / 1000) * 100 + 1);
  });

  test("what is not understood, not known or too much is refused and counted", async () => {
    const { run } = await agent();
    const here = await page();
    expect(await subscribe(here, { filter: "tcp.dstport ==" })).toMatchObject({
      code: "BAD_REQUEST",
      detail: expect.stringContaining("filter:"),
    });
    expect(await subscribe(here, { hosts: ["00000000-0000-4000-8000-000000000000"] })).toMatchObject({ code: "NOT_FOUND" });
    expect(await subscribe(here, { kinds: ["counters"] })).toMatchObject({ code: "BAD_REQUEST" });
    expect(await subscribe(here, { maxPerSecond: 5001 })).toMatchObject({ code: "BAD_REQUEST" });
    for (let i = 0; i < 16; i++) expect(await subscribe(here, { id: `${i}`, hosts: [run.hostId] })).toEqual({ ok: true });
    expect(await subscribe(here, { id: "more" })).toMatchObject({ code: "TOO_MANY" });
    expect(await subscribe(here, { id: "3" })).toEqual({ ok: true });
    const { counters } = hub.ctx.hub;
    expect(counters.subscriptions).toBe(16);
    const flood = await Promise.allSettled(Array.from({ length: 10_000 }, (_, i) => subscribe(here, { id: `f${i}` })));
    const answers = flood.flatMap((one) => (one.status === "fulfilled" ? [one.value["code"]] : []));
    expect(new Set(answers)).toEqual(new Set(["TOO_MANY"]));
    expect(flood.length).toBeGreaterThan(answers.length); // cut off meanwhile
    await until(() => counters.subscriptions === 0, "its subscriptions to end with it");
    expect(counters.viewersEnded.get("too-many")).toBe(1);
  });
});

test("SPEC 7.5: a browser that does not keep up gets summaries until it has drained; others and its counters lose nothing", async () => {
  const { run, socket } = await agent();
  const [slow, quick] = [await page(), await page()];
  for (const one of [slow, quick])
    expect(await subscribe(one, { hosts: [run.hostId], maxPerSecond: 5000, kinds: ["records", "counters", "flows"] })).toEqual({
      ok: true,
    });
  const raw = Reflect.get(slow.socket.io.engine.transport, "ws") as { pause(): void; resume(): void };
  await send(socket, counterBatch(of(run, 1), [row(1)], 10_000_000_000n));
  raw.pause();
  const counters = hub.ctx.hub.counters;
  let sent = 1;
  for (const before = counters.viewersCoarse; counters.viewersCoarse === before;) {
    sent++;
    await send(socket, fresh(recordBatch(of(run, sent - 1), 2_700)));
    await send(socket, counterBatch(of(run, sent), [row(sent)], BigInt(9 + sent) * 1_000_000_000n));
  }
  for (const last = sent + 3; sent < last;)
    await send(socket, counterBatch(of(run, ++sent), [row(sent)], BigInt(9 + sent) * 1_000_000_000n));
  const counted = (of: Page) => new Set(framesByTime(of.rows).map(([time]) => time)).size;
  await until(() => counted(quick) === sent, "every interval at the quick browser");
  raw.resume();
  await until(() => slow.messages.some((m) => m.type === "coarse" && !m.on), "word that rows come again");
  await until(() => counted(slow) === sent, "the counters it had missed");
  expect(new Map(framesByTime(slow.rows))).toEqual(new Map(framesByTime(quick.rows)));
});

/** [end of interval, frames] of the counters in what was delivered, one by one. */
function framesByTime(rows: readonly Rows[]): [bigint, bigint][] {
  return rows.flatMap(({ bytes }) => {
    const checked = checkBatch(viewOf(bytes));
    if (!checked.ok || checked.value.kind !== BatchKind.counters) return [];
    return [[checked.value.lastNs, viewOf(bytes).getBigUint64(112 + 8, true)]];
  });
}
