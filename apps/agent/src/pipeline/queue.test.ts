import { checkBatch, viewOf } from "@sonde/protocol";
import { describe, expect, it } from "vitest";
import { bootId, hostId, counters, records, queueOf, flows, none, drain } from "../../test/queue-fixture.ts";
import { BatchQueue } from "./queue.ts";
import type { Outgoing } from "./queue-types.ts";

const sequences = (out: readonly Outgoing[], kind: Outgoing["kind"]): bigint[] =>
  out.filter((each) => each.kind === kind).map((each) => each.sequence);

describe("BatchQueue", () => {
  it("stamps at the first send, so that a dropped batch leaves no gap (SPEC 4.6)", () => {
    const queue = queueOf(2600);
    for (let i = 0; i < 10; i++) queue.pushRecords(records(1000), 3);
    const out = drain(queue);
    expect(sequences(out, "records")).toEqual([1n, 2n]);
    expect(queue.stats.queueLost).toBe(24n);
    const view = viewOf(out[0]?.bytes ?? new ArrayBuffer(0));
    expect([view.getBigUint64(40, true), view.getBigUint64(48, true), view.getBigUint64(96, true)]).toEqual([7n, 1n, 24n]);
  });

  it("never drops what was sent (SPEC 4.5)", () => {
    const queue = queueOf(3000);
    queue.pushRecords(records(1000), 1);
    queue.pushRecords(records(1000), 1);
    expect(drain(queue)).toHaveLength(2);
    queue.pushRecords(records(1000), 5);
    expect(queue.stats.queueLost).toBe(5n);
    queue.rewind();
    expect(sequences(drain(queue), "records")).toEqual([1n, 2n]);
  });

  describe("gives bytes back when nothing can read them any more", () => {
    const given: Uint8Array[] = [];
    const lending = (maxRecordBytes: number): BatchQueue => {
      given.length = 0;
      return new BatchQueue({ hostId, bootId, stream: 7n, sampleN: 1, snaplen: 0, maxRecordBytes, release: (bytes) => given.push(bytes) });
    };

    it("once the hub has answered", () => {
      const queue = lending(10_000);
      const batches = [1, 2, 3].map(() => records(1000));
      for (const batch of batches) queue.pushRecords(batch, 1);
      drain(queue);
      queue.acknowledge("records", 2n);
      queue.acknowledge("records", 2n);
      queue.refuse("records", 1n);
      expect(given).toEqual([batches[1], batches[0]]);
      expect(given[0]).toBe(batches[1]);
    });

    it("when it drops them unsent", () => {
      const queue = lending(3000);
      const batches = [1, 2, 3].map(() => records(1000));
      for (const batch of batches) queue.pushRecords(batch, 1);
      expect(given).toHaveLength(1);
      expect(given[0]).toBe(batches[0]);
    });

    it("never of a batch sent twice, or on a connection that ended: a socket may hold them", () => {
      const queue = lending(10_000);
      for (let i = 0; i < 3; i++) queue.pushRecords(records(1000), 1);
      drain(queue);
      queue.rewind();
      expect(queue.resume({ ...none, records: 1n })).toBe(true);
      drain(queue);
      queue.acknowledge("records", 2n);
      expect(given).toEqual([]);
      queue.restart(8n);
      queue.pushRecords(records(9500), 1); // drops the third, which was sent
      expect([queue.stats.held, queue.stats.queueLost]).toEqual([1, 1n]);
      expect(given).toEqual([]);
    });

    it("never of counters, which are not lent", () => {
      const queue = lending(1000);
      queue.pushCounters([counters()], false);
      drain(queue);
      queue.acknowledge("counters", 1n);
      expect(given).toEqual([]);
    });
  });

  it("gives a valid batch to the hub", () => {
    const queue = queueOf();
    queue.setRingLost(9n);
    queue.pushCounters([counters()], false);
    const checked = checkBatch(viewOf(drain(queue)[0]?.bytes ?? new ArrayBuffer(0)));
    expect(checked).toMatchObject({
      ok: true,
      value: { hostId, bootId, stream: 7n, sequence: 1n, ringLost: 9n, sampleN: 1, snaplen: 128 },
    });
  });

  it("does not take counters past its bound, unless forced", () => {
    const queue = new BatchQueue({ hostId, bootId, stream: 1n, sampleN: 1, snaplen: 0, maxCounterBatches: 2 });
    expect([1, 2, 3].map(() => queue.pushCounters([counters()], false))).toEqual([true, true, false]);
    expect(queue.pushCounters([counters()], true)).toBe(true);
    expect(queue.stats.heldNaming).toBe(3);
  });

  it("keeps to the window, what is exact first (SPEC 4.8)", () => {
    const queue = queueOf();
    queue.pushRecords(records(200), 1);
    queue.pushRecords(records(200), 1);
    queue.pushFlows([flows(2)]);
    queue.pushFilterCounters([counters()], false);
    queue.pushCounters([counters()], false);
    expect(drain(queue, 4).map((each) => each.kind)).toEqual(["counters", "filterCounters", "flows", "records"]);
    queue.acknowledge("counters", 1n);
    expect(sequences(drain(queue, 4), "records")).toEqual([2n]);
  });

  it("hands back the flow batches it drops, and counts their records apart (SPEC 4.7)", () => {
    const queue = queueOf(1200);
    const [first, second, third] = [flows(2), flows(3), flows(1)];
    expect(queue.pushFlows([first])).toEqual([]);
    expect(queue.pushFlows([second, third])).toEqual([first]);
    expect(queue.stats).toMatchObject({ flowsLost: 2n, queueLost: 0n, heldNaming: 2 });
    queue.setRingLost(9n);
    const [out] = drain(queue);
    expect(out?.bytes).toBe(second);
    const view = viewOf(second);
    expect([view.getBigUint64(48, true), view.getBigUint64(88, true), view.getBigUint64(96, true)]).toEqual([1n, 0n, 2n]);
    queue.refuse("flows", 1n);
    expect(queue.stats).toMatchObject({ flowsRefused: 3n, refused: 0n });
  });

  it("resumes after the last committed and says when it cannot (SPEC 3.2)", () => {
    const queue = queueOf();
    for (let i = 0; i < 5; i++) queue.pushRecords(records(200), 1);
    drain(queue);
    expect(queue.resume({ ...none, records: 3n })).toBe(true);
    expect(sequences(drain(queue), "records")).toEqual([4n, 5n]);
    queue.acknowledge("records", 4n);
    queue.acknowledge("records", 5n);
    expect(queue.resume({ ...none, records: 3n })).toBe(false);
    expect(queue.resume({ ...none, records: 9n })).toBe(false);
  });

  it("starts over in a new stream with everything it holds and nothing lost", () => {
    const queue = queueOf();
    queue.setRingLost(4n);
    for (let i = 0; i < 3; i++) queue.pushRecords(records(200 + i * 8), 1);
    drain(queue, 2);
    queue.restart(8n);
    const out = drain(queue);
    expect(sequences(out, "records")).toEqual([1n, 2n, 3n]);
    expect(out.map((each) => each.bytes.byteLength)).toEqual([200, 208, 216]);
    const view = viewOf(out[0]?.bytes ?? new ArrayBuffer(0));
    expect([view.getBigUint64(40, true), view.getBigUint64(88, true)]).toEqual([8n, 0n]);
  });
});
