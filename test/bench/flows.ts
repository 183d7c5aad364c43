/*
 * What a second of 65,536 flows costs between the kernel and the flow records: the drain, which waits off the
 * JavaScript thread, and the agent's table, which is on it.
 */
import { performance } from "node:perf_hooks";
import { FlowTable } from "../../apps/agent/src/pipeline/flow-table.ts";
import { clockBoottimeNs, openEngine, packPackets } from "../../packages/bpf/src/index.ts";
import { ether, ipv4, udp } from "../../packages/bpf/test/support/frames.ts";
import { quantile, reporter } from "./report.ts";

const FLOWS = 65_536;
const SECONDS = 12;
const SECOND_NS = 1_000_000_000n;

const report = reporter(process.argv.slice(2));

/** Packets of so many flows; those of another round are other flows. */
function packetsOf(round: number): ReturnType<typeof packPackets> {
  const payload = Buffer.alloc(18);
  const frames = Array.from({ length: FLOWS }, (_, n) =>
    ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: n, dport: 1000 + round, payload }) })),
  );
  return packPackets(frames.map((bytes) => ({ bytes, wireLen: bytes.length })));
}

type Cost = { readonly drainMs: number; readonly tableMs: number };

/** Counts in a kernel of its own what each second holds, and turns it into records. Throws unless all flows came. */
async function measure(packets: (second: number) => ReturnType<typeof packPackets>): Promise<Cost> {
  const engine = openEngine({ replay: true, flowEntries: 2 * FLOWS, sampleN: 0xffffffff });
  const table = new FlowTable();
  const costs: Cost[] = [];
  for (let second = 0; second < SECONDS; second++) {
    const now = clockBoottimeNs() - BigInt(SECONDS - second) * SECOND_NS;
    engine.inject(packets(second), new BigUint64Array(FLOWS).fill(now), { hook: "tc", linkType: "ethernet" });
    const start = performance.now();
    const drained = await engine.drainFlows();
    const between = performance.now();
    table.drain(drained);
    costs.push({ drainMs: between - start, tableMs: performance.now() - between });
    const rows = new DataView(drained).getUint32(8, true);
    if (rows !== FLOWS) throw new Error(`${rows} flows of ${FLOWS}`);
  }
  await engine.close();
  return {
    drainMs: quantile(
      costs.map((c) => c.drainMs),
      0.5,
    ),
    tableMs: quantile(
      costs.map((c) => c.tableMs),
      0.5,
    ),
  };
}

const limit = { peer: "a tenth of the second", peerValue: 100, unit: "ms" };
const rounds = [packetsOf(0), packetsOf(1)];
for (const [name, rows] of [
  ["65,536 flows that go on", await measure(() => rounds[0]!)],
  ["65,536 other flows each second, the table full", await measure((second) => rounds[second % 2]!)],
] as const) {
  report({ name: `${name}: drain, beside the JavaScript thread`, value: rows.drainMs, ...limit });
  report({ name: `${name}: table and records, on it`, value: rows.tableMs, ...limit, bar: { atMost: 1 } });
}
