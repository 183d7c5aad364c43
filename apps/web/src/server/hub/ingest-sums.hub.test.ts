import { afterAll, beforeAll, expect, test } from "vitest";
import { connectTo, newRunOn, of, row } from "../../../test/agent-runs.ts";
import { counterBatch, filterBatch, flowBatch, type FlowRow } from "../../../test/batches.ts";
import { ask, startTestHub, type TestHub } from "../../../test/hub.ts";
import { seriesLevels, type Level } from "../store/levels.ts";
import { startMaintenance } from "../store/maintenance.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

const HOUR_MS = 3_600_000;

/** Per table: what a row is told apart by, and sums to compare; `raw` where a raw row says it otherwise. */
const compared = {
  flow_records: {
    key: "host, interface_id, protocol, direction, verdict",
    raw: "count(*), sum(frames), sum(packets), sum(bytes)",
    sums: "sum(flows), sum(frames), sum(packets), sum(bytes)",
  },
  interface_counters: {
    key: "host_id, interface_id",
    raw: "sum(interval_ns), sum(rx_tcp4_frames), sum(rx_tcp4_bytes), sum(tx_tcp4_frames), sum(rx_malformed), sum(rx_size_64)",
    sums: "sum(interval_ns), sum(rx_tcp4_frames), sum(rx_tcp4_bytes), sum(tx_tcp4_frames), sum(rx_malformed), sum(rx_size_64)",
  },
  filter_counters: {
    key: "host_id, filter_set, bit",
    raw: "sum(interval_ns), sum(matched), sum(sampled_out), sum(delivered)",
    sums: "sum(interval_ns), sum(matched), sum(sampled_out), sum(delivered)",
  },
} as const;

test("what agents send is in every level once, as it is in the raw rows; what was sent twice or refused is not there twice", async () => {
  const runs = await Promise.all([newRunOn(hub), newRunOn(hub)]);
  for (const run of runs) {
    const { socket } = await connectTo(hub, run);
    for (let sequence = 1; sequence <= 4; sequence++) {
      const flows = Array.from({ length: 50 }, (_, i): FlowRow => ({
        ifindex: 1 + (i % 2),
        direction: i % 3 === 0 ? 2 : 1,
        frames: i * sequence,
        family: i % 5 === 0 ? 6 : 4,
      }));
      const batches = [
        flowBatch(of(run, sequence), flows),
        counterBatch(of(run, sequence), [row(sequence), { ...row(sequence * 2), direction: 2 }], BigInt(sequence + 1) * 1_000_000_000n),
        filterBatch(of(run, sequence), [
          [1, 0, 10 * sequence],
          [1, 63, 4],
        ]),
      ];
      const answers = await Promise.all([...batches, ...batches].map((bytes) => ask(socket, "batch", bytes)));
      expect(answers).toEqual(answers.map(() => ({ ok: true })));
    }
    expect(await ask(socket, "batch", flowBatch(of(run, 5), [{ ifindex: 99, direction: 1, frames: 1 }]))).toMatchObject({ ok: false });
  }
  const clock = { ...hub.ctx.clock, now: () => Date.now() + 2 * HOUR_MS, every: () => () => {} };
  const upkeep = await startMaintenance({ pool: hub.ctx.series, clock, log: hub.ctx.log });
  await upkeep.round();
  await upkeep.stop();
  for (const [series, { key, raw, sums }] of Object.entries(compared)) {
    const total = async (table: string, what: string) =>
      (await hub.ctx.series.query({ text: `SELECT ${key}, ${what} FROM ${table} GROUP BY ${key} ORDER BY ${key}`, rowMode: "array" })).rows;
    const wanted = await total(series, raw);
    expect(wanted.length).toBeGreaterThan(1);
    const levels: readonly Level[] = seriesLevels[series as keyof typeof compared].levels;
    for (const { table } of levels) expect([table, await total(table, sums)]).toEqual([table, wanted]);
  }
});
