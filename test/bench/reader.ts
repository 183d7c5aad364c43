/*
 * Records per CPU-second from the ring buffer through the addon to a JavaScript ArrayBuffer, beside
 * tcpdump writing the same flood to /dev/null, and beside bare loops on the ring; medians of interleaved
 * rounds. Then a minute of flood, over which the JavaScript heap stays as it is.
 */
import { type Measured, type Round, measureReaders, perCpuSecond } from "./reader/measure.ts";
import { measureMemory } from "./reader/memory.ts";
import { quantile, reporter } from "./report.ts";

const ROUNDS = 5;

const report = reporter(process.argv.slice(2));
const rounds = await measureReaders(ROUNDS);
const median = (what: keyof Round, value: (measured: Measured) => number): number =>
  quantile(
    rounds.map((round) => value(round[what])),
    0.5,
  );
const rate = (what: keyof Round): number => median(what, perCpuSecond);
const unit = "records/CPU-s";
const peer = { peer: "tcpdump -w /dev/null -s 128", peerValue: rate("tcpdump"), unit };
report({ name: "bare limit: walking the ring", value: rate("walk"), ...peer });
report({ name: "bare limit: copying the records", value: rate("copy"), ...peer });
report({ name: "reader thread", value: rate("thread"), unit, peer: "bare copy", peerValue: rate("copy") });
report({ name: "whole process, JavaScript included", value: rate("process"), ...peer, bar: { atLeast: 2 } });
const machine = (what: keyof Round): number => median(what, ({ machineSeconds, taken }) => (machineSeconds / taken) * 1e9);
report({
  name: "whole machine, sender included",
  value: machine("process"),
  unit: "CPU-ns/record",
  peer: "with tcpdump",
  peerValue: machine("tcpdump"),
});
const { early, late, records } = await measureMemory(10_000, 60_000);
report({
  name: "heap and buffers after 60 s",
  value: late / 1e6,
  unit: "MB",
  peer: "after 10 s",
  peerValue: early / 1e6,
  bar: { atMost: 1.05 },
});
const sum = (what: keyof Round, of: "taken" | "lost"): number => rounds.reduce((all, round) => all + round[what][of], 0);
const losses = (what: keyof Round): string => `${sum(what, "lost")} of ${sum(what, "taken") + sum(what, "lost")}`;
console.error(`lost: ours ${losses("process")}, tcpdump's ${losses("tcpdump")}; a minute's flood: ${records} records`);
