import { randomUUID } from "node:crypto";
import type { AgentInterface } from "@sonde/protocol";
import type { Socket } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectTo, ledgerOn, newRunOn, of, row, type Run } from "../../../test/agent-runs.ts";
import { counterBatch, flowBatch, recordBatch } from "../../../test/batches.ts";
import { ask, startTestHub, type TestHub } from "../../../test/hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
}, 60_000);
afterAll(() => hub.stop());

const gone: AgentInterface = { ifindex: 7, name: "veth7", kind: "ethernet", mac: null, mtu: 1500, up: true, hook: "tcx" };
const HOUR_NS = 3_600_000_000_000n;

/** An earlier run of the same host, an hour ago, in a boot of its own. */
const earlierOf = (run: Run): Run => ({ ...run, bootId: randomUUID(), stream: run.stream - 1n });
const resume = (socket: Socket, run: Run, interfaces: readonly AgentInterface[] = [gone]): Promise<Record<string, unknown>> => {
  const wallNs = `${BigInt(Date.now()) * 1_000_000n - HOUR_NS}`;
  return ask(socket, "message", { type: "resume", bootId: run.bootId, stream: `${run.stream}`, bootNs: "2000000000", wallNs, interfaces });
};
const streams = async (run: Run) =>
  (
    await hub.ctx.series.query(
      "SELECT stream, since, stored, seen, queue_lost, flows FROM agent_stream WHERE host_id = $1 ORDER BY since",
      [run.hostId],
    )
  ).rows;

describe("an earlier stream on a connection (SPEC 4.9–4.11)", () => {
  test("is stored under its own boot and stream, exactly once, beside the live one", async () => {
    const run = await newRunOn(hub);
    const earlier = earlierOf(run);
    const { socket } = await connectTo(hub, run);
    expect(await ask(socket, "batch", recordBatch(of(earlier, 1), 4))).toMatchObject({ code: "BATCH_STREAM" });
    expect(await resume(socket, earlier)).toEqual({
      ok: true,
      committed: { records: "0", counters: "0", flows: "0", filterCounters: "0" },
    });
    const sent = [
      recordBatch(of(run, 1), 2),
      recordBatch(of(earlier, 1), 4),
      counterBatch(of(earlier, 1), [{ ...row(10), ifindex: 7 }]),
      flowBatch(of(earlier, 1), [{ ifindex: 7, direction: 1, frames: 3 }]),
      recordBatch(of(earlier, 2), 5, 9n),
      recordBatch(of(run, 2), 1),
    ];
    for (let times = 0; times < 2; times++) {
      expect(await Promise.all(sent.map((bytes) => ask(socket, "batch", bytes)))).toEqual(Array(6).fill({ ok: true }));
    }
    expect(await streams(run)).toMatchObject([
      { stream: BigInt.asIntN(64, earlier.stream).toString(), stored: "9", seen: "10", queue_lost: "9", flows: "1" },
      { stream: BigInt.asIntN(64, run.stream).toString(), stored: "3", seen: "0" },
    ]);
    expect(await ledgerOn(hub, run)).toMatchObject({ stream: `${run.stream}`, stored: "3" });
    const { rows } = await hub.ctx.series.query(
      "SELECT c.at, i.name, i.present FROM interface_counters c JOIN interface i ON i.id = c.interface_id WHERE c.host_id = $1",
      [run.hostId],
    );
    expect(rows).toMatchObject([{ name: "veth7", present: false }]);
    // By the clocks of then: boot second 2 was an hour ago.
    expect(Math.abs(Date.now() - 3_600_000 - rows[0].at.getTime())).toBeLessThan(10_000);
    socket.disconnect();
    const again = await connectTo(hub, run);
    expect(await resume(again.socket, earlier)).toMatchObject({ committed: { records: "2", counters: "1", flows: "1" } });
    expect(await ask(again.socket, "batch", recordBatch(of(earlier, 2), 5, 9n))).toEqual({ ok: true });
    expect(await ask(again.socket, "batch", recordBatch(of(earlier, 4), 5))).toMatchObject({ code: "BATCH_SEQUENCE" });
  });

  test("changes nothing of what the host is now", async () => {
    const run = await newRunOn(hub);
    const { socket } = await connectTo(hub, run);
    const before = (await hub.ctx.series.query("SELECT * FROM interface WHERE host_id = $1 ORDER BY id", [run.hostId])).rows;
    expect(await resume(socket, earlierOf(run), [{ ...gone, name: "eth0", mtu: 9000 }])).toMatchObject({ ok: true });
    expect((await hub.ctx.series.query("SELECT * FROM interface WHERE host_id = $1 ORDER BY id", [run.hostId])).rows).toEqual(before);
  });

  test("the live stream, an interface named twice and one earlier stream too many", async () => {
    const run = await newRunOn(hub);
    const { socket } = await connectTo(hub, run);
    expect(await resume(socket, run)).toMatchObject({ code: "BAD_REQUEST" });
    expect(await resume(socket, earlierOf(run), [gone, gone])).toMatchObject({ code: "BAD_REQUEST" });
    const many = [1, 2, 3, 4].map((i) => ({ ...run, stream: run.stream - BigInt(i) }));
    for (const each of many) expect(await resume(socket, each)).toMatchObject({ ok: true });
    const answers = await Promise.all(many.map((each) => ask(socket, "batch", recordBatch(of(each, 1), 1))));
    expect(answers.map((answer) => answer["code"] ?? "ok")).toEqual(["BATCH_STREAM", "ok", "ok", "ok"]);
    expect(await ask(socket, "batch", recordBatch(of(run, 1), 1))).toEqual({ ok: true });
  });
});
