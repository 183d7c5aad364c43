import { randomUUID } from "node:crypto";
import { Agent as HttpAgent } from "node:http";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";
import type { AgentInterface } from "@sonde/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Uplink, createUplink } from "../../../../agent/src/uplink/uplink.ts";
import { type Agent, openRig } from "../../../../agent/test/spool-fixture.ts";
import { row } from "../../../test/agent-runs.ts";
import { counterBatch, flowBatch, recordBatch } from "../../../test/batches.ts";
import { passport, startTestHub, until, type TestHub } from "../../../test/hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
}, 60_000);
afterAll(() => hub.stop());

const eth0: AgentInterface = { ifindex: 2, name: "eth0", kind: "ethernet", mac: null, mtu: 1500, up: true, hook: "tcx" };
const bootNs = 5_000_000_000n;

/** A way to the hub that can be cut: an agent that is cut off sees what it sees when the hub is gone. */
class Road {
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;

  /** Leads to the hub by its own name. */
  readonly agent = Object.assign(new HttpAgent(), { createConnection: () => connect(this.#port, "127.0.0.1") });

  async open(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(Number(new URL(hub.url).port), "127.0.0.1");
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on("error", () => other.destroy()).on("close", () => other.destroy());
        one.pipe(other);
      }
    });
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    await closed;
  }
}

test("what an agent kept while its hub was away, and over its own death, is stored once under its own runs", async () => {
  const { hostId, credential } = await hub.enrol();
  const bootId = randomUUID();
  const road = new Road();
  await road.open();
  const wallNs = `${BigInt(Date.now()) * 1_000_000n}`;
  const rig = openRig(undefined, { hostId, bootId });
  const found = { bootNs: `${bootNs}`, wallNs, interfaces: [eth0] };
  const unstamped = { hostId, bootId, stream: 0n, sequence: 0n };
  const push = ({ queue }: Agent, records: number): void => {
    queue.pushRecords(recordBatch(unstamped, records), records);
    queue.pushCounters([counterBatch(unstamped, [row(records)]).slice().buffer], true);
    queue.pushFlows([flowBatch(unstamped, [{ ifindex: 2, direction: 1, frames: records }]).slice().buffer]);
  };
  const start = (stream: bigint): { agent: Agent; uplink: Uplink; isAway(): boolean } => {
    const agent = rig.start(stream, { found, maxBytes: 1 << 24 });
    let away = false;
    const uplink = createUplink({
      url: new URL(hub.url),
      agent: road.agent,
      hostId,
      credential,
      agentVersion: "0.1.0",
      outbox: agent.outbox,
      random: () => 0.5,
      hello: () => ({ type: "hello", bootId, stream: `${stream}`, passport, bootNs: `${bootNs}`, wallNs, filterSet: 0 }),
      interfaces: () => [eth0],
      status: () => ({
        type: "status",
        sampleN: 1,
        snaplen: 128,
        rssBytes: 1,
        cpuSeconds: 0,
        queueBytes: 0,
        queueLost: "0",
        spool: agent.spool.status,
      }),
      engine: () => null,
      clock: () => ({ ok: true, bootNs: `${bootNs}`, wallNs }),
      onSampling: () => undefined,
      onFilters: ({ number }) => Promise.resolve({ ok: true, report: { number, contexts: [], nsPerPacket: 1 } }),
      onEndpoints: () => undefined,
      onGap: () => undefined,
      onEvent: (event) => {
        if (event.type === "held-back") return;
        away = event.type !== "connected";
        agent.outbox.setAway(away);
      },
      timing: { firstRetryMs: 20, maxRetryMs: 100, statusMs: 100 },
    });
    uplink.start();
    return { agent, uplink, isAway: () => away };
  };
  const stored = async () =>
    (
      await hub.ctx.series.query<{ stream: string; stored: string; seen: string; flow_frames: string }>(
        "SELECT stream, stored, seen, flow_frames FROM agent_stream WHERE host_id = $1 ORDER BY stream",
        [hostId],
      )
    ).rows;
  const rowOf = (stream: string, count: number) => ({ stream, stored: `${count}`, seen: `${count}`, flow_frames: `${count}` });
  try {
    const first = start(1n);
    push(first.agent, 5);
    first.uplink.poke();
    await until(async () => (await stored())[0]?.stored === "5", "the first records");
    await road.cut();
    await until(() => first.isAway(), "the end of the connection");
    for (let i = 0; i < 60; i++) push(first.agent, 3);
    first.uplink.stop(); // killed: nothing is parked
    rig.kill();

    const second = start(2n);
    for (let i = 0; i < 30; i++) push(second.agent, 2);
    await road.open();
    await until(() => second.agent.queue.stats.held === 0 && second.agent.outbox.earlier() === null, "everything to arrive");
    await until(() => rig.segments().length === 0, "the earlier run to be forgotten");
    expect(await stored()).toEqual([rowOf("1", 185), rowOf("2", 60)]);
    const { rows } = await hub.ctx.series.query(
      "SELECT count(*)::int AS flows FROM flow_records f JOIN host h ON h.number = f.host WHERE h.id = $1",
      [hostId],
    );
    expect(rows).toEqual([{ flows: 91 }]);
    second.uplink.stop();
  } finally {
    await road.cut();
    rig.close();
  }
}, 30_000);
