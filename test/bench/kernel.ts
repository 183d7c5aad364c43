/**
 * What the programs cost per packet, by test runs of one 74-byte TCP SYN that no filter takes, each beside its peer in
 * the same run: the engine with one filter beside Debian's xdp-filter with all features, a filter beside the
 * same test written by hand in C, and 32 filters beside one. Then what is left of a veth's throughput.
 */
import { openCostRun, type CostRun, type Filter } from "../../packages/bpf/src/index.ts";
import { filter } from "../../packages/bpf/test/support/compile.ts";
import { ether, ipv4, tcp } from "../../packages/bpf/test/support/frames.ts";
import { openPeers } from "./kernel/peers.ts";
import { measureThroughput } from "./kernel/throughput.ts";
import { reporter } from "./report.ts";

const REPEAT = 1_000_000;
const ROUNDS = 7;
const MANY = 32;

const report = reporter(process.argv.slice(2));
const options = Buffer.from("020405b40402080a00000001000000000103030700000000", "hex").subarray(0, 20);
const frame = ether(0x0800, ipv4({ proto: 6, payload: Buffer.concat([tcp({ dport: 80, doff: 10 }), options]) }));
const ports = (count: number): Filter[] => Array.from({ length: count }, (_, i) => filter(`tcp port ${443 + i}`));
const never: Filter = { ...filter("tcp"), ethernet: [{ code: 6, jt: 0, jf: 0, k: 0 }] };

const opened: CostRun[] = [];
const engine = (filters: Filter[]): (() => number) => {
  const run = openCostRun();
  opened.push(run);
  run.setFilters(filters);
  return () => run.measure("xdp", frame, REPEAT);
};

const peers = openPeers(frame);
try {
  const empty = peers.byHand(0);
  const hand = peers.byHand(MANY);
  const best = fastest({
    filter: () => peers.xdpFilter(REPEAT),
    empty: () => empty(REPEAT),
    hand: () => hand(REPEAT),
    none: engine([never]),
    one: engine(ports(1)),
    many: engine(ports(MANY)),
  });
  const each = (all: number, without: number): number => (all - without) / MANY;
  report({ name: "engine with one filter", value: best.one, unit: "ns", peer: "xdp-filter", peerValue: best.filter, bar: { atMost: 0.8 } });
  report({
    name: "one filter of 32",
    value: each(best.many, best.none),
    unit: "ns",
    peer: "by hand in C",
    peerValue: each(best.hand, best.empty),
    bar: { atMost: 1.3 },
  });
  report({
    name: `engine with ${MANY} filters`,
    value: best.many,
    unit: "ns",
    peer: "with one",
    peerValue: best.one,
    bar: { atMost: 1.5 },
  });
} finally {
  for (const run of opened) run.close();
  peers.close();
}
await measureThroughput(report);

/** The smallest of several interleaved rounds: what else runs on the machine only ever adds. */
function fastest<K extends string>(measures: Record<K, () => number>): Record<K, number> {
  const entries = Object.entries(measures) as [K, () => number][];
  const best = Object.fromEntries(entries.map(([name]) => [name, Infinity])) as Record<K, number>;
  for (let round = 0; round < ROUNDS; round++) for (const [name, measure] of entries) best[name] = Math.min(best[name], measure());
  return best;
}
