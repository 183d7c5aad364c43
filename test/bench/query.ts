/*
 * Questions about 10 million flow records of 100 hosts over 24 hours, through the API, beside ClickHouse on the same
 * rows: p95 of varied questions each. SONDE_BENCH_ROWS makes it fewer, to try the bench itself.
 */
import { performance } from "node:perf_hooks";
import { openBench } from "./query/open.ts";
import { bothEndsKind, questionKinds, type Kind, type Question } from "./query/questions.ts";
import { quantile, reporter } from "./report.ts";
import { chooseSeed, seeded } from "../support/random.ts";

const RUNS = 30;
const ROWS = Number(process.env["SONDE_BENCH_ROWS"] ?? 10_000_000);

const report = reporter(process.argv.slice(2));
const seed = chooseSeed(process.env["SEED"]);
console.error(`seed ${seed}`);
const random = seeded(seed);
const bench = await openBench({ rows: ROWS, seed });
try {
  report({
    name: "storage",
    value: bench.bytesPerRecord,
    unit: "bytes/flow record",
    peer: "ClickHouse",
    peerValue: await clickhouseBytes(),
    bar: { valueAtMost: 120 },
  });
  for (const kind of [...questionKinds(bench.end / 1000, bench.hostNumbers), bothEndsKind(bench.end / 1000)]) {
    const questions = Array.from({ length: RUNS }, () => kind.make(random));
    const ours = await timesOf(questions, ({ path }) => bench.ask(path));
    const theirs = await timesOf(questions, ({ sql }) => bench.clickhouse.ask(sql));
    report({
      name: `${kind.name}, p95`,
      value: quantile(ours, 0.95),
      unit: "ms",
      peer: "ClickHouse",
      peerValue: quantile(theirs, 0.95),
      ...barOf(kind),
    });
    console.error(
      `  medians: ${quantile(ours, 0.5).toFixed(1)} and ${quantile(theirs, 0.5).toFixed(1)} ms; worst ${Math.max(...ours).toFixed(0)} and ${Math.max(...theirs).toFixed(0)} ms`,
    );
  }
} finally {
  await bench.stop();
}

function barOf({ barMs }: Kind): { bar?: { valueAtMost: number } } {
  return barMs === Infinity ? {} : { bar: { valueAtMost: barMs } };
}

/** Milliseconds of each question, one at a time, after two that are not counted. */
async function timesOf(questions: readonly Question[], ask: (question: Question) => Promise<string>): Promise<number[]> {
  for (const question of questions.slice(0, 2)) await ask(question);
  const times: number[] = [];
  for (const question of questions) {
    const began = performance.now();
    await ask(question);
    times.push(performance.now() - began);
  }
  return times;
}

async function clickhouseBytes(): Promise<number> {
  return Number(await bench.clickhouse.ask("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'flows'")) / ROWS;
}
