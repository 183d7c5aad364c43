import { randomBytes, randomUUID } from "node:crypto";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AGENT_NAMESPACE, AGENT_PATH, PROTOCOL_VERSION, type ErrorCode } from "@sonde/protocol";
import { connectTo, newRunOn, of, row, type Run } from "../../../test/agent-runs.ts";
import { counterBatch, flowBatch, recordBatch } from "../../../test/batches.ts";
import { ask, next, startTestHub, until, type TestHub } from "../../../test/hub.ts";
import { WINDOW } from "./agent-session.ts";
import type { HubCounters } from "./counters.ts";

let hub: TestHub;
let counters: HubCounters;
beforeAll(async () => {
  hub = await startTestHub();
  ({ counters } = hub.ctx.hub);
});
afterAll(() => hub.stop());

const refused = (code: ErrorCode): number => counters.refused.get(code) ?? 0;
const flow = { ifindex: 2, direction: 1, frames: 5 } as const;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A well-behaved agent, and how long it waits for its acknowledgements. */
class Neighbour {
  readonly #socket: Socket;
  readonly #run: Run;
  #sequence = 0;

  constructor(socket: Socket, run: Run) {
    this.#socket = socket;
    this.#run = run;
  }

  /** The median, ms, of what is sent until `meanwhile` ends, 50 batches at least. */
  async delay(meanwhile: Promise<unknown>): Promise<number> {
    let ended = false;
    const end = meanwhile.finally(() => (ended = true));
    const delays: number[] = [];
    while (!ended || delays.length < 50) {
      const sent = performance.now();
      const ack = await ask(this.#socket, "batch", flowBatch(of(this.#run, ++this.#sequence), [flow]));
      if (ack["ok"] !== true) throw new Error(`a well-behaved agent's batch was refused: ${JSON.stringify(ack)}`);
      delays.push(performance.now() - sent);
    }
    await end;
    return delays.toSorted((a, b) => a - b)[delays.length >> 1]!;
  }
}

async function neighbour(): Promise<Neighbour> {
  const run = await newRunOn(hub);
  return new Neighbour((await connectTo(hub, run)).socket, run);
}

/** Sends what `made` gives until the hub ends the connection; at most so many wait for an answer. */
async function flood(socket: Socket, event: string, made: (i: number) => unknown, window = Infinity): Promise<void> {
  const gone = next(socket, "disconnect");
  let waiting = 0;
  for (let i = 0; socket.connected && i < 100_000; i++) {
    waiting++;
    socket.emit(event, made(i), () => waiting--);
    if (i % 20 === 0) await turn();
    while (waiting >= window && socket.connected) await turn();
  }
  await gone;
}

describe("a hostile agent", () => {
  test("random bytes, forged hosts and jumps of sequence: refused by code, then cut off; a neighbour hardly notices", async () => {
    const good = await neighbour();
    const alone = await good.delay(Promise.resolve());
    const bad = await newRunOn(hub);
    const { socket } = await connectTo(hub, bad);
    const made = [
      (i: number) => randomBytes(i % 4_000),
      () => recordBatch({ ...of(bad, 1), hostId: randomUUID() }, 5),
      (i: number) => recordBatch(of(bad, 7 + i), 5),
    ];
    const beside = await good.delay(flood(socket, "batch", (i) => made[i % 3]!(i), WINDOW));
    console.log(`acknowledged after ${alone.toFixed(1)} ms alone, ${beside.toFixed(1)} ms beside the attack (medians)`);
    expect(beside / alone).toBeLessThan(10);
    expect(refused("BATCH_HOST")).toBeGreaterThan(50);
    expect(refused("BATCH_SEQUENCE")).toBeGreaterThan(50);
    expect(refused("BATCH_TRUNCATED") + refused("BATCH_MAGIC")).toBeGreaterThan(50);
    await until(async () => (await hub.ctx.db.batchRefusal.count({ where: { hostId: bad.hostId } })) >= 3, "the refusals in the database");
  });

  test("a window overrun is cut off, and what had come is stored once", async () => {
    const bad = await newRunOn(hub);
    const { socket } = await connectTo(hub, bad);
    await flood(socket, "batch", (i) => recordBatch(of(bad, i + 1), 1));
    const { hello } = await connectTo(hub, bad);
    const { records } = hello["committed"] as Record<string, string>;
    const stream = await hub.ctx.db.agentStream.findFirstOrThrow({ where: { hostId: bad.hostId } });
    expect(`${stream.stored}`).toBe(records);
  });

  test("giant frames are counted and end that connection", async () => {
    const before = refused("BATCH_TOO_LARGE");
    const bad = await newRunOn(hub);
    const { socket } = await connectTo(hub, bad);
    await flood(socket, "batch", () => randomBytes(400 * 1024));
    await until(() => refused("BATCH_TOO_LARGE") > before, "the count");
  });

  test("who has to be cut off again and again is not let in for a while", async () => {
    const bad = await newRunOn(hub);
    for (let i = 0; i < 3; i++) await flood((await connectTo(hub, bad)).socket, "batch", () => randomBytes(400 * 1024));
    const [error] = await next(hub.agent({ hostId: bad.hostId, credential: bad.credential }), "connect_error");
    expect(codeOf([error])).toBe("BUSY");
  });

  test("packets without measure are cut off", async () => {
    const before = refused("TOO_MANY");
    const bad = await newRunOn(hub);
    const { socket } = await connectTo(hub, bad);
    await flood(socket, "nonsense", () => "x");
    await until(() => refused("TOO_MANY") > before, "the count");
  });

  test("clocks a year off are kept within the stored days, whichever way", async () => {
    const year = 365n * 86_400_000_000_000n;
    for (const off of [year, -year]) {
      const bad = await newRunOn(hub);
      const { socket } = await connectTo(hub, bad);
      const lastNs = off > 0n ? year : 1n;
      expect(await ask(socket, "batch", counterBatch(of(bad, 1), [row(1)], lastNs + 1_000_000_000n))).toEqual({ ok: true });
      const { rows } = await hub.ctx.series.query<{ away: number }>(
        "SELECT abs(extract(epoch FROM at - now()))::float AS away FROM interface_counters WHERE host_id = $1",
        [bad.hostId],
      );
      expect(rows).toHaveLength(1);
      expect(rows[0]!.away).toBeLessThan(40 * 86_400);
    }
  });

  test("messages without measure are cut off", async () => {
    const bad = await newRunOn(hub);
    const { socket } = await connectTo(hub, bad);
    await flood(socket, "message", () => ({ type: "dance" }));
  });

  test("one host's endless returns are refused, and no other's from the same address", async () => {
    const bad = await newRunOn(hub);
    const codes: unknown[] = [];
    for (let i = 0; i < 30; i++) {
      const socket = hub.agent({ hostId: bad.hostId, credential: bad.credential });
      codes.push(await Promise.race([next(socket, "connect").then(() => "OK"), next(socket, "connect_error").then(codeOf)]));
      socket.disconnect();
    }
    expect(codes).toEqual([...Array(20).fill("OK"), ...Array(10).fill("BUSY")]);
    expect(counters.agentHandshakesRefused.get("BUSY")).toBeGreaterThanOrEqual(10);
    await neighbour();
  });
});

describe("a stranger who guesses credentials", () => {
  test("is turned away after a while without a question to the database, and an agent of the same address still comes in", async () => {
    const run = await newRunOn(hub);
    const tried = (): number => [...counters.agentHandshakesRefused.values()].reduce((sum, count) => sum + count, 0);
    const before = tried();
    const guess = async (): Promise<unknown> => {
      const socket = hub.agent({ hostId: run.hostId, credential: `snd_agent_${randomUUID()}` });
      const code = codeOf(await next(socket, "connect_error"));
      socket.disconnect();
      return code;
    };
    const codes: unknown[] = [];
    for (let i = 0; i < 200; i++) codes.push(await guess());
    expect(codes.filter((code) => code === "CREDENTIAL_REFUSED").length).toBeGreaterThanOrEqual(120);
    expect(codes).toContain(undefined); // refused before there was a socket to tell it by
    expect(tried() - before).toBe(200);
    await until(async () => {
      const socket = hub.agent({ hostId: run.hostId, credential: run.credential });
      const come = await Promise.race([next(socket, "connect").then(() => true), next(socket, "connect_error").then(() => false)]);
      socket.disconnect();
      return come;
    }, "the agent's turn");
  });

  test("has one guess for each connection", async () => {
    const before = counters.agentHandshakesRefused.get("CREDENTIAL_REFUSED") ?? 0;
    const socket = io(hub.url, { path: AGENT_PATH, transports: ["websocket"], reconnection: false, forceNew: true, autoConnect: false });
    const { io: manager } = socket;
    const gone = new Promise((resolve) => manager.once("close", resolve));
    const opened = new Promise((resolve) => manager.once("open", () => resolve(null)));
    manager.open();
    await opened;
    const auth = { protocol: PROTOCOL_VERSION, hostId: randomUUID(), credential: "snd_agent_x", agentVersion: "0" };
    for (let i = 0; i < 50; i++) manager.engine.write(`0${AGENT_NAMESPACE},${JSON.stringify(auth)}`);
    await gone;
    expect((counters.agentHandshakesRefused.get("CREDENTIAL_REFUSED") ?? 0) - before).toBe(1);
  });
});

test("nobody gets into a namespace that is not served", async () => {
  for (const [path, headers] of [
    [AGENT_PATH, {}],
    ["/io/live", { origin: hub.url }],
  ] as const) {
    const socket = io(hub.url, { path, transports: ["websocket"], reconnection: false, forceNew: true, extraHeaders: headers });
    await next(socket, "connect_error");
    socket.disconnect();
  }
});

describe("a hostile browser", () => {
  test("10,000 subscriptions: bounded, counted, and a neighbour's agent hardly notices", async () => {
    const good = await neighbour();
    const alone = await good.delay(Promise.resolve());
    const hosts = await Promise.all(Array.from({ length: 20 }, () => newRunOn(hub)));
    const page = hub.viewer({ cookie: await hub.signIn(), origin: hub.url });
    await next(page, "connect");
    const codes = new Map<unknown, number>();
    const attack = async (): Promise<void> => {
      const asked: Promise<unknown>[] = [];
      for (let i = 0; i < 10_000; i++) {
        const answer = ask(page, "message", { type: "watch", hostId: hosts[i % hosts.length]!.hostId });
        asked.push(answer.then((ack) => codes.set(ack["code"] ?? "OK", (codes.get(ack["code"] ?? "OK") ?? 0) + 1)).catch(() => {}));
        if (i % 100 === 0) await turn();
      }
      await Promise.all(asked);
    };
    const beside = await good.delay(attack());
    console.log(`acknowledged after ${alone.toFixed(1)} ms alone, ${beside.toFixed(1)} ms beside the attack (medians)`);
    expect(beside / alone).toBeLessThan(10);
    expect(codes.get("OK")).toBeLessThanOrEqual(120);
    expect(counters.viewerMessagesRefused.get("TOO_MANY")).toBeGreaterThan(200);
    expect(counters.viewersEnded.get("too-many")).toBe(1);
    expect(page.connected).toBe(false);
  });
});

test("a page that has to be cut off again and again is not let in for a while", async () => {
  const cookie = await hub.signIn();
  const page = (): Socket => hub.viewer({ cookie, origin: hub.url });
  for (let i = 0; i < 3; i++) {
    const socket = page();
    await next(socket, "connect");
    await flood(socket, "message", () => ({ type: "watch-fleet" }));
  }
  expect(codeOf(await next(page(), "connect_error"))).toBe("BUSY");
  const other = hub.viewer({ cookie: await hub.signIn(), origin: hub.url });
  await next(other, "connect");
});

function codeOf(args: unknown[]): unknown {
  return (args[0] as { data?: { code?: string } }).data?.code;
}
