import { X509Certificate } from "node:crypto";
import {
  type AgentHello,
  agentAuthSchema,
  agentMessageSchema,
  BATCH_HEADER_BYTES,
  BatchKind,
  checkBatch,
  frameBatch,
  viewOf,
} from "@sonde/protocol";
import type { Socket } from "socket.io";
import { afterEach, describe, expect, it, vi } from "vitest";
import { gated, needs } from "../../../../test/support/needs.ts";
import { type Answer, type TestHub, type TestHubOptions, makeCertificate, startHub } from "../../test/hub.ts";
import { Outbox } from "../pipeline/outbox.ts";
import { BatchQueue } from "../pipeline/queue.ts";
import { createDialAgent } from "./dialer.ts";
import { pinOf } from "./pin.ts";
import type { Sampling, UplinkEvent, UplinkOptions } from "./types.ts";
import { type Uplink, createUplink } from "./uplink.ts";

const hostId = "6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11";
const bootId = "0c0b7a52-9d7f-4f1a-8a3e-1f5d3c2b1a09";
const credential = "sonde_agent_0123456789abcdef";
const passport = { hostname: "h", kernel: "6.18", arch: "x64", os: "Debian", agentVersion: "0.1.0", cpus: 2, facts: [] };
const lo = { ifindex: 1, name: "lo", kind: "loopback", mac: null, mtu: 65_536, up: true, hook: "tcx" } as const;

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function batch(): Uint8Array {
  const bytes = new Uint8Array(BATCH_HEADER_BYTES);
  frameBatch(viewOf(bytes), { kind: BatchKind.records, count: 0, bodyLen: 0, firstNs: 1n, lastNs: 2n });
  return bytes;
}

async function hubOf(options: TestHubOptions): Promise<TestHub> {
  const hub = await startHub(options);
  open.push(() => hub.close());
  return hub;
}

type Rig = { readonly uplink: Uplink; readonly queue: BatchQueue; readonly events: UplinkEvent[]; readonly samplings: Sampling[] };

function connect(hub: TestHub, more: Partial<UplinkOptions> = {}): Rig {
  const queue = new BatchQueue({ hostId, bootId, stream: 5n, sampleN: 1, snaplen: 128 });
  const events: UplinkEvent[] = [];
  const samplings: Sampling[] = [];
  const uplink = createUplink({
    url: hub.url,
    agent: createDialAgent({ url: hub.url }),
    hostId,
    credential,
    agentVersion: "0.1.0",
    outbox: new Outbox({ hostId, queue, earliest: () => null }),
    random: () => 1,
    hello: (): AgentHello => ({ type: "hello", bootId, stream: queue.stream.toString(), passport, bootNs: "1", wallNs: "2", filterSet: 0 }),
    engine: () => null,
    status: () => ({ type: "status", sampleN: 1, snaplen: 128, rssBytes: 1, cpuSeconds: 0, queueBytes: 0, queueLost: "0" }),
    interfaces: () => [lo],
    clock: () => ({ ok: true, bootNs: "11", wallNs: "12" }),
    onSampling: (sampling) => samplings.push(sampling),
    onFilters: ({ number }) => Promise.resolve({ ok: true, report: { number, contexts: [], nsPerPacket: 1 } }),
    onEndpoints: () => {},
    onGap: () => queue.restart(6n),
    onEvent: (event) => events.push(event),
    timing: { firstRetryMs: 20, maxRetryMs: 400, ackTimeoutMs: 2000, statusMs: 50, holdBackMs: 20, resumeRetryMs: 50 },
    ...more,
  });
  uplink.start();
  open.push(() => uplink.stop());
  return { uplink, queue, events, samplings };
}

/** The hub's side of one agent: answers messages as the protocol asks, batches as told; keeps what it saw. */
class Peer {
  readonly seen: string[] = [];
  readonly sequences: bigint[] = [];
  readonly sockets: Socket[] = [];
  committed = "0";
  onBatch: (sequence: bigint, answer: Answer, socket: Socket) => void = (sequence, answer) => {
    this.committed = String(sequence);
    answer({ ok: true });
  };

  readonly accept = (socket: Socket): void => {
    this.sockets.push(socket);
    socket.on("message", (message: unknown, answer: Answer) => {
      const { type } = agentMessageSchema.parse(message);
      this.seen.push(type);
      if (type !== "hello") return answer({ ok: true });
      answer({
        ok: true,
        committed: { records: this.committed, counters: "0", flows: "0", filterCounters: "0" },
        endpoints: [{ address: "127.0.0.1", port: 9 }],
        window: 4,
      });
    });
    socket.on("batch", (bytes: Buffer, answer: Answer) => {
      const checked = checkBatch(viewOf(bytes));
      if (!checked.ok) throw new Error(checked.code);
      this.seen.push("batch");
      this.sequences.push(checked.value.sequence);
      this.onBatch(checked.value.sequence, answer, socket);
    });
  };
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 5 });

describe("uplink", () => {
  it("greets, announces, then sends; forgets only what was acknowledged (SPEC 3.2, 3.3, 4.3)", async () => {
    const peer = new Peer();
    const hub = await hubOf({ onAgent: peer.accept });
    const reached: string[] = [];
    const { queue, uplink } = connect(hub, { onEndpoints: (_, by) => reached.push(by) });
    for (let i = 0; i < 10; i++) queue.pushRecords(batch(), 1);
    uplink.poke();
    await until(() => expect(queue.stats.held).toBe(0));
    expect(peer.seen.slice(0, 3)).toEqual(["hello", "interfaces", "batch"]);
    expect(peer.sequences).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n]);
    expect(agentAuthSchema.parse(hub.handshakes[0])).toMatchObject({ hostId, credential });
    expect(reached).toEqual(["127.0.0.1"]);
    await until(() => expect(peer.seen).toContain("status"));
  });

  it("resends after an acknowledgement that got lost with the connection", async () => {
    const peer = new Peer();
    peer.onBatch = (sequence, answer, socket) => {
      peer.committed = String(sequence);
      if (sequence === 2n && peer.sockets.length === 1) socket.disconnect(true);
      else answer({ ok: true });
    };
    const { queue, events } = connect(await hubOf({ onAgent: peer.accept }));
    for (let i = 0; i < 6; i++) queue.pushRecords(batch(), 1);
    await until(() => expect(queue.stats.held).toBe(0));
    expect(new Set(peer.sequences)).toEqual(new Set([1n, 2n, 3n, 4n, 5n, 6n]));
    expect(events.map((event) => event.type)).toEqual(["connected", "disconnected", "connected"]);
  });

  it("drops a batch refused for good, and sends again what was only held back", async () => {
    const peer = new Peer();
    let busy = true;
    peer.onBatch = (sequence, answer) => {
      if (sequence === 1n) return answer({ ok: false, code: "BATCH_RECORD", detail: "no" });
      if (busy && sequence === 2n) {
        busy = false;
        return answer({ ok: false, code: "UNAVAILABLE", detail: "the database does not answer" });
      }
      if (sequence !== BigInt(peer.committed) + 1n && sequence !== 2n) return answer({ ok: false, code: "BATCH_SEQUENCE", detail: "gap" });
      peer.committed = String(sequence);
      answer({ ok: true });
    };
    const { queue, events } = connect(await hubOf({ onAgent: peer.accept }));
    for (let i = 0; i < 4; i++) queue.pushRecords(batch(), 3);
    await until(() => expect(queue.stats.held).toBe(0));
    expect(peer.committed).toBe("4");
    expect(queue.stats.refused).toBe(3n);
    expect(events.map((event) => event.type)).toEqual(["connected", "batch-refused", "held-back"]);
  });

  it("waits its longest step after a refused credential, and never shows it (SPEC 3.6)", async () => {
    const { events } = connect(await hubOf({ admit: () => "CREDENTIAL_REFUSED" }));
    await until(() =>
      expect(events).toEqual([
        { type: "refused", code: "CREDENTIAL_REFUSED", detail: "refused: CREDENTIAL_REFUSED", lasting: true, retryMs: 400 },
      ]),
    );
    expect(JSON.stringify(events)).not.toContain(credential);
  });

  it("comes back after a hub that was busy", async () => {
    const peer = new Peer();
    const refusals: (string | null)[] = ["BUSY", "BUSY", null];
    const { events } = connect(await hubOf({ admit: () => refusals.shift() ?? null, onAgent: peer.accept }));
    await until(() => expect(events.map((event) => event.type)).toEqual(["refused", "refused", "connected"]));
    expect(events.slice(0, 2)).toMatchObject([{ retryMs: 20 }, { retryMs: 40 }]);
  });

  it("begins a new stream when the hub cannot continue this one", async () => {
    const peer = new Peer();
    peer.committed = "77";
    const { queue } = connect(await hubOf({ onAgent: peer.accept }));
    queue.pushRecords(batch(), 1);
    await until(() => expect(peer.sockets.length).toBe(1));
    await until(() => expect(queue.stream).toBe(6n));
    peer.committed = "0";
    await until(() => expect(peer.sequences).toEqual([1n]));
  });

  it("answers clock, sampling and filters, refuses what it does not know (SPEC 3.5)", async () => {
    const peer = new Peer();
    const { samplings } = connect(await hubOf({ onAgent: peer.accept }));
    await until(() => expect(peer.seen).toContain("interfaces"));
    const ask = (message: unknown): Promise<unknown> =>
      peer.sockets[0]?.timeout(2000).emitWithAck("message", message) ?? Promise.reject(new Error("no agent"));
    expect(await ask({ type: "clock" })).toEqual({ ok: true, bootNs: "11", wallNs: "12" });
    expect(await ask({ type: "sampling", n: 10, snaplen: 64 })).toEqual({ ok: true });
    expect(samplings).toEqual([{ n: 10, snaplen: 64 }]);
    const report = { number: 9, contexts: [], nsPerPacket: 1 };
    expect(await ask({ type: "filters", number: 9, filters: [] })).toEqual({ ok: true, report });
    expect(await ask({ type: "filters", number: 0, filters: [] })).toMatchObject({ ok: false, code: "BAD_REQUEST" });
    expect(await ask({ type: "dance" })).toMatchObject({ ok: false, code: "UNKNOWN_MESSAGE" });
  });

  it("does not fight a newer agent of the same host (SPEC 3.4)", async () => {
    const peer = new Peer();
    const { events } = connect(await hubOf({ onAgent: peer.accept }));
    await until(() => expect(peer.seen).toContain("interfaces"));
    peer.sockets[0]?.emit("goodbye", { type: "goodbye", code: "SUPERSEDED", detail: "a newer connection took over" });
    await until(() => expect(events.at(-1)).toMatchObject({ type: "refused", code: "SUPERSEDED", retryMs: 400 }));
  });
});

const gate = gated(needs.openssl);

describe.skipIf(gate.skip)(gate.name("uplink over TLS"), () => {
  it("says why a hub cannot be reached, and leaves a wrong one before the credential is sent", async () => {
    const tls = makeCertificate();
    const hub = await hubOf({ tls });
    const other = pinOf(new X509Certificate(makeCertificate().cert).raw);
    const { events } = connect(hub, { agent: createDialAgent({ url: hub.url, pin: other }) });
    await until(() => expect(events[0]).toMatchObject({ type: "refused", code: "PIN_MISMATCH", retryMs: 400 }));
    expect(hub.handshakes).toEqual([]);
    await hub.close();
    const gone = connect(hub);
    await until(() =>
      expect(gone.events[0]).toMatchObject({ type: "unreachable", reason: expect.stringContaining("ECONNREFUSED") as string }),
    );
  });

  it("connects over TLS to the pinned hub", async () => {
    const tls = makeCertificate();
    const peer = new Peer();
    const hub = await hubOf({ tls, onAgent: peer.accept });
    const { events } = connect(hub, { agent: createDialAgent({ url: hub.url, pin: pinOf(new X509Certificate(tls.cert).raw) }) });
    await until(() => expect(events[0]).toEqual({ type: "connected", address: "127.0.0.1" }));
  });
});
