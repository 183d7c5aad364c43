import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { hostId } from "../../test/queue-fixture.ts";
import { type Rig, countOf, deliver, idOf, ids, idsOf, numbered, openRig, push, unflowedIn } from "../../test/spool-fixture.ts";
import { Spool } from "./spool.ts";
import { type Files, nodeFiles } from "./files.ts";
import { slotted } from "./segment.ts";

let rig: Rig;
afterEach(() => rig.close());

describe("Spool at its bound", () => {
  it("drops the oldest records first, then flows, and accounts for their frames; never counters (SPEC 4.9)", () => {
    rig = openRig();
    const agent = rig.start(1n, { maxBytes: 24 * 1024 });
    agent.outbox.setAway(true);
    agent.queue.pushCounters([numbered("counters", 1, 1).buffer], false);
    for (const id of ids(10, 29)) agent.queue.pushFlows([numbered("flows", id, 2).buffer]);
    push(agent, ids(100, 199));
    expect(agent.queue.stats.flowsLost).toBe(0n);
    for (const id of ids(30, 129)) agent.queue.pushFlows([numbered("flows", id, 2).buffer]);
    expect(agent.spool.status.bytes).toBeLessThanOrEqual(24 * 1024 + 2 * slotted(112 + 1248));
    const { queueLost, flowsLost } = agent.queue.stats;
    push(agent, [999], 1); // tells of the records
    const all = deliver(agent);
    const flows = idsOf(all, "flows");
    expect(flows).toEqual(ids(130 - flows.length, 129));
    expect(flowsLost).toBe(BigInt(2 * (120 - flows.length)));
    const counters = all.filter(({ kind }) => kind === "counters");
    expect(idOf(counters[0]!.bytes)).toBe(1);
    expect(counters.reduce((sum, { bytes }) => sum + unflowedIn(bytes), 0n)).toBe(flowsLost);
    const stored = all.filter(({ kind }) => kind === "records").reduce((sum, { bytes }) => sum + countOf(bytes), 0);
    expect(BigInt(stored) + queueLost).toBe(201n);
  });

  it("drops no flows for records that come when there are no older ones (SPEC 4.9)", () => {
    rig = openRig();
    const agent = rig.start(1n, { maxBytes: 24 * 1024 });
    agent.outbox.setAway(true);
    for (const id of ids(1, 129)) agent.queue.pushFlows([numbered("flows", id, 2).buffer]);
    const { flowsLost } = agent.queue.stats;
    push(agent, ids(200, 299), 40); // each more than the segment that is left
    expect(agent.queue.stats.flowsLost).toBe(flowsLost);
    const all = deliver(agent);
    expect(BigInt(idsOf(all, "flows").length) * 2n + flowsLost).toBe(258n);
    expect(idsOf(all)).toEqual(ids(200, 299));
  });

  it("keeps counters to a quarter; then their interval grows", () => {
    rig = openRig();
    const agent = rig.start(1n, { maxBytes: 32 * 1024 });
    agent.outbox.setAway(true);
    const taken = ids(1, 20).map((id) => agent.queue.pushCounters([numbered("counters", id, 1).buffer], false));
    // 5 of 1,408 bytes on disk, 3 in memory
    expect(taken).toEqual([...Array<boolean>(8).fill(true), ...Array<boolean>(12).fill(false)]);
    expect(idsOf(deliver(agent), "counters").toSorted((a, b) => a - b)).toEqual(ids(1, 8));
  });

  it("leaves the file system what it must keep free", () => {
    let free = 100_000;
    rig = openRig({ ...nodeFiles, statfsSync: () => ({ bsize: 1, blocks: 1_000_000, bavail: free }) });
    const agent = rig.start(1n, { keepFree: (total) => total / 20 });
    expect(agent.spool.status.limitBytes).toBe(50_000);
    free = 40_000;
    const late = rig.start(2n, { keepFree: (total) => total / 20, folder: join(rig.folder, "late") });
    late.outbox.setAway(true);
    push(late, [1]);
    expect([late.spool.status.bytes, late.spool.status.limitBytes, late.queue.stats.held]).toEqual([0, 0, 1]);
  });

  it("by default keeps a tenth and a gibibyte free", () => {
    const gib = 1024 ** 3;
    const disk = (total: number, free: number): Files => ({
      ...nodeFiles,
      statfsSync: () => ({ bsize: 4096, blocks: total / 4096, bavail: free / 4096 }),
    });
    const limit = (total: number, free: number): number => {
      rig?.close();
      rig = openRig();
      const more = { folder: rig.folder, hostId, nowMs: () => 0, onEvent: () => undefined };
      return new Spool({ ...more, maxBytes: 4 * gib, files: disk(total, free) }).status.limitBytes;
    };
    rig = openRig();
    expect(limit(100 * gib, 50 * gib)).toBe(4 * gib);
    expect(limit(100 * gib, 12 * gib)).toBe(2 * gib);
    expect(limit(4 * gib, 2 * gib)).toBe(gib);
    expect(limit(4 * gib, gib / 2)).toBe(0);
  });
});
