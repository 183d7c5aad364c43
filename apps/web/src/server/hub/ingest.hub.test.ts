import { randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { viewOf } from "@sonde/protocol";
import { connectTo, ledgerOn, newRunOn, of, person, row, type Run } from "../../../test/agent-runs.ts";
import { counterBatch, filterBatch, flowBatch, recordBatch } from "../../../test/batches.ts";
import { ask, next, startTestHub, until, type TestHub } from "../../../test/hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
}, 60_000);
afterAll(() => hub.stop());

const newRun = (): Promise<Run> => newRunOn(hub);
const connect = (run: Run) => connectTo(hub, run);
const ledger = (run: Run) => ledgerOn(hub, run);

describe("exactly once (SPEC 4)", () => {
  test("counters become one wide row, records the ledger; resending changes nothing", async () => {
    const run = await newRun();
    const { socket, hello } = await connect(run);
    expect(hello).toMatchObject({ ok: true, committed: { records: "0", counters: "0", flows: "0", filterCounters: "0" }, window: 16 });
    const counters = counterBatch(of(run, 1), [row(10), { ...row(4), direction: 2 }, { ...row(7), ifindex: 1 }]);
    const records = recordBatch(of(run, 1), 9, 5n);
    expect(await Promise.all([ask(socket, "batch", counters), ask(socket, "batch", records)])).toEqual([{ ok: true }, { ok: true }]);
    const again = [counters, records, counters, records];
    expect(await Promise.all(again.map((bytes) => ask(socket, "batch", bytes)))).toEqual(Array(4).fill({ ok: true }));
    socket.disconnect();
    const second = await connect(run);
    expect(second.hello).toMatchObject({ committed: { records: "1", counters: "1" } });
    expect(await ask(second.socket, "batch", counters)).toEqual({ ok: true });

    const { rows } = await hub.ctx.series.query("SELECT * FROM interface_counters WHERE host_id = $1 ORDER BY interface_id", [run.hostId]);
    expect(rows).toHaveLength(2);
    expect(rows[1]).toMatchObject({
      rx_tcp4_frames: "10",
      rx_tcp4_packets: "11",
      rx_tcp4_bytes: "1000",
      tx_tcp4_frames: "4",
      rx_sampled_out: "1",
      rx_delivered: "9",
      rx_malformed: "3",
      rx_udp4_frames: null,
      rx_ring_lost: null,
      interval_ns: "1000000000",
      boot_ns: "2000000000",
    });
    // The host's boot clock read 5 s at hello, so its second 2 was 3 s ago.
    expect(Math.abs(Date.now() - 3000 - rows[0].at.getTime())).toBeLessThan(5000);
    expect(await ledger(run)).toMatchObject({
      stream: `${run.stream}`,
      seen: "21",
      sampledOut: "3",
      delivered: "18",
      lostQueue: "5",
      stored: "9",
      refused: "0",
      unmatched: "0",
      lostRing: "0",
    });
  });

  test("a batch sent twice at once is stored once and acknowledged twice", async () => {
    const run = await newRun();
    const { socket } = await connect(run);
    const bytes = counterBatch(of(run, 1), [row(10)]);
    expect(await Promise.all([ask(socket, "batch", bytes), ask(socket, "batch", bytes)])).toEqual([{ ok: true }, { ok: true }]);
    expect(await ledger(run)).toMatchObject({ seen: "10" });
  });

  test("SPEC 4.3: acknowledged after the commit and not before; control is answered meanwhile", async () => {
    const run = await newRun();
    const { socket } = await connect(run);
    const blocker = await hub.ctx.series.connect();
    await blocker.query("BEGIN");
    await blocker.query("SELECT FROM agent_stream WHERE host_id = $1 FOR UPDATE", [run.hostId]);
    let acknowledged = 0;
    const acks = Array.from({ length: 10 }, async (_, i) => {
      expect(await ask(socket, "batch", recordBatch(of(run, i + 1), 3))).toEqual({ ok: true });
      acknowledged++;
    });
    const status = { type: "status", sampleN: 1, snaplen: 64, rssBytes: 1, cpuSeconds: 1, queueBytes: 0, queueLost: "0" };
    for (let i = 0; i < 3; i++) expect(await ask(socket, "message", status)).toEqual({ ok: true });
    const other = await newRun();
    expect((await connect(other)).hello).toMatchObject({ ok: true });
    expect(acknowledged).toBe(0);
    await blocker.query("COMMIT");
    blocker.release();
    await Promise.all(acks);
  });

  test("SPEC 4.4: a skipped number is refused, and the right one taken afterwards", async () => {
    const run = await newRun();
    const { socket } = await connect(run);
    expect(await ask(socket, "batch", recordBatch(of(run, 2), 1))).toMatchObject({ ok: false, code: "BATCH_SEQUENCE" });
    expect(await ask(socket, "batch", recordBatch(of(run, 1), 1))).toEqual({ ok: true });
    expect(await ask(socket, "batch", recordBatch(of(run, 2), 1))).toEqual({ ok: true });
  });

  test("SPEC 3.4: a second connection takes over; what the first sent is committed before hello is answered", async () => {
    const run = await newRun();
    const first = await connect(run);
    const goodbye = next(first.socket, "message");
    for (let i = 1; i <= 10; i++) first.socket.emit("batch", recordBatch(of(run, i), 3), () => {});
    await ask(first.socket, "batch", counterBatch(of(run, 1), [row(30)]));
    const second = await connect(run);
    const messages = [await goodbye];
    expect(messages.flat()).toContainEqual(expect.objectContaining({ type: expect.stringMatching(/goodbye|clock/) }));
    expect(second.hello).toMatchObject({ committed: { records: "10", counters: "1" } });
    await until(() => !first.socket.connected, "the first connection to end");
    expect(await ledger(run)).toMatchObject({ stored: "30", seen: "30", delivered: "29", sampledOut: "1" });
  });
});

describe("refusals are counted and nothing breaks", () => {
  test("hello first, once", async () => {
    const run = await newRun();
    const socket = hub.agent({ hostId: run.hostId, credential: run.credential });
    await next(socket, "connect");
    expect(await ask(socket, "batch", recordBatch(of(run, 1), 1))).toMatchObject({ code: "HELLO_REQUIRED" });
    expect(await ask(socket, "message", { type: "interfaces", interfaces: [] })).toMatchObject({ code: "HELLO_REQUIRED" });
    expect(await ask(socket, "message", { type: "dance" })).toMatchObject({ code: "UNKNOWN_MESSAGE" });
    expect(await ask(socket, "message", { type: "hello" })).toMatchObject({ code: "BAD_REQUEST" });
    expect(await ask(socket, "message", "x".repeat(1000))).toMatchObject({ ok: false });
  });

  test("another host, stream, an unknown interface, a truncated and an oversized batch", async () => {
    const run = await newRun();
    const { socket } = await connect(run);
    expect(await ask(socket, "batch", recordBatch({ ...of(run, 1), hostId: randomUUID() }, 1))).toMatchObject({ code: "BATCH_HOST" });
    expect(await ask(socket, "batch", recordBatch({ ...of(run, 1), stream: 1n }, 1))).toMatchObject({ code: "BATCH_STREAM" });
    expect(await ask(socket, "batch", recordBatch({ ...of(run, 1), bootId: randomUUID() }, 1))).toMatchObject({ code: "BATCH_STREAM" });
    expect(await ask(socket, "batch", "not bytes")).toMatchObject({ code: "BAD_REQUEST" });
    expect(await ask(socket, "batch", recordBatch(of(run, 1), 4).subarray(0, 200))).toMatchObject({ code: "BATCH_LENGTH" });
    expect(await ask(socket, "batch", recordBatch(of(run, 2), 4).subarray(0, 40))).toMatchObject({ code: "BATCH_TRUNCATED" });
    expect(await ask(socket, "batch", recordBatch(of(run, 2), 2730))).toMatchObject({ code: "BATCH_TOO_LARGE" });
    expect(await ask(socket, "batch", counterBatch(of(run, 1), [{ ...row(1), ifindex: 99 }]))).toMatchObject({ code: "BATCH_INTERFACE" });
    const huge = counterBatch(of(run, 2), [row(1)]);
    viewOf(huge).setBigUint64(112 + 8, 2n ** 63n, true);
    expect(await ask(socket, "batch", huge)).toMatchObject({ code: "BATCH_RECORD" });
    const flow = { ifindex: 2, direction: 1, frames: 5 } as const;
    expect(await ask(socket, "batch", flowBatch(of(run, 1), [{ ...flow, ifindex: 99 }, flow]))).toMatchObject({ code: "BATCH_INTERFACE" });
    expect(await ask(socket, "batch", flowBatch(of(run, 2), [{ ...flow, lastNs: 2n ** 63n }]))).toMatchObject({ code: "BATCH_RECORD" });
    expect(await ask(socket, "batch", filterBatch(of(run, 1), [[1, 64, 2]]))).toMatchObject({ code: "BATCH_RECORD" });
    expect(await ask(socket, "batch", flowBatch(of(run, 3), [flow]))).toEqual({ ok: true });
    expect(await ask(socket, "batch", filterBatch(of(run, 2), [[1, 63, 2]]))).toEqual({ ok: true });
    expect(await ledger(run)).toMatchObject({ flows: "1", flowFrames: "5", refusedFlows: "3" });
    // Numbers of batches that were turned away are used up; the stream goes on.
    expect(await ask(socket, "batch", recordBatch(of(run, 3), 7))).toEqual({ ok: true });
    expect(await ask(socket, "batch", counterBatch(of(run, 3), [row(12)]))).toEqual({ ok: true });
    expect(await ledger(run)).toMatchObject({ stored: "7", refused: String(0 + 2730), seen: "12" });
    const refused = () => hub.ctx.db.batchRefusal.findMany({ where: { hostId: run.hostId } });
    await until(async () => (await refused()).some((one) => one.code === "BATCH_INTERFACE"), "the refusals in the database");
    const counted = await refused();
    expect(Object.fromEntries(counted.map((one) => [one.code, one.batches]))).toEqual({
      BATCH_HOST: 1n,
      BATCH_STREAM: 2n,
      BAD_REQUEST: 1n,
      BATCH_LENGTH: 1n,
      BATCH_TRUNCATED: 1n,
      BATCH_TOO_LARGE: 1n,
      BATCH_INTERFACE: 2n,
      BATCH_RECORD: 3n,
    });
  });

  test("a frame past the transport's limit ends that connection only", async () => {
    const run = await newRun();
    const { socket } = await connect(run);
    const gone = next(socket, "disconnect");
    socket.emit("batch", randomBytes(400 * 1024), () => {});
    await gone;
    const { hello } = await connect(run);
    expect(hello).toMatchObject({ ok: true });
  });

  test("times out of all reason are kept within the stored days, raw time beside", async () => {
    const run = await newRun();
    const { socket } = await connect(run);
    expect(await ask(socket, "batch", counterBatch(of(run, 1), [row(1)], 2n ** 62n))).toEqual({ ok: true });
    const { rows } = await hub.ctx.series.query("SELECT boot_ns FROM interface_counters WHERE host_id = $1", [run.hostId]);
    expect(rows).toEqual([{ boot_ns: `${2n ** 62n}` }]);
  });

  test("random and damaged batches never end the hub", async () => {
    const run = await newRun();
    const { socket } = await connect(run);
    const seed = Number(process.env["SONDE_SEED"] ?? Date.now() % 2 ** 31);
    console.log(`ingest fuzz: SONDE_SEED=${seed}`);
    const flow = { ifindex: 2, direction: 1, frames: 5 } as const;
    const good = [counterBatch(of(run, 1), [row(5)]), flowBatch(of(run, 1), [flow, flow]), filterBatch(of(run, 1), [[1, 2, 4]])];
    const flips = fc.tuple(fc.constantFrom(...good), fc.array(fc.tuple(fc.nat(4096), fc.nat(255)), { maxLength: 6 }));
    const codes = new Set<unknown>();
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 600 }), flips), async (input) => {
        const bytes = input instanceof Uint8Array ? input : new Uint8Array(input[0]);
        if (!(input instanceof Uint8Array)) for (const [at, value] of input[1]) bytes[at % bytes.length] = value;
        const answer = await ask(socket, "batch", bytes);
        codes.add(answer["code"] ?? "OK");
      }),
      { seed, numRuns: 120, endOnFailure: true },
    );
    expect(codes).toContain("BATCH_TRUNCATED");
    expect(await hub.ctx.db.host.count({ where: { id: run.hostId } })).toBe(1);
    const other = await newRun();
    expect((await connect(other)).hello).toMatchObject({ ok: true });
  }, 30_000);
});

describe("handshake", () => {
  const refusedBy = async (auth: object): Promise<unknown> => {
    const socket = hub.agent(auth);
    const [error] = (await next(socket, "connect_error")) as [Error & { data?: { code?: string } }];
    return error.data?.code;
  };
  test("wrong, foreign and revoked credentials, another version", async () => {
    const run = await newRun();
    const other = await newRun();
    expect(await refusedBy({})).toBe("CREDENTIAL_REFUSED");
    expect(await refusedBy({ hostId: run.hostId, credential: "snd_agent_" + "x".repeat(43) })).toBe("CREDENTIAL_REFUSED");
    expect(await refusedBy({ hostId: run.hostId, credential: other.credential })).toBe("CREDENTIAL_REFUSED");
    expect(await refusedBy({ hostId: run.hostId, credential: run.credential, protocol: 99 })).toBe("PROTOCOL_VERSION");
    expect(hub.ctx.hub.hostNow(run.hostId, null)).toMatchObject({ status: "refused", refusal: "PROTOCOL_VERSION" });
    const { socket } = await connect(run);
    expect(hub.ctx.hub.hostNow(run.hostId, null).status).toBe("live");
    const { removeHost } = await import("../services/hosts/remove.ts");
    const gone = next(socket, "disconnect");
    await removeHost({ ctx: hub.ctx, actor: person, input: { id: run.hostId } });
    await gone;
    expect(await refusedBy({ hostId: run.hostId, credential: run.credential })).toBe("CREDENTIAL_REFUSED");
  });

  test("no credential or token is ever logged", async () => {
    const run = await newRun();
    const { socket } = await connect(run);
    await ask(socket, "batch", recordBatch(of(run, 1), 1));
    expect(hub.logs()).toContain("agent-hello");
    expect(hub.logs()).not.toMatch(/snd_(agent|enrol|link)_[\w-]{20}/);
  });
});
