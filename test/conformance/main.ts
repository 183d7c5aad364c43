/**
 * `npm run conformance -- [--cases N] [--seed N]`: filters in the kernel against libpcap; exit 1 on a difference.
 * `npm run conformance -- dissect …`: dissectors against tshark (dissect/main.ts).
 */
import { parseArgs } from "node:util";
import { chooseSeed, seeded } from "../support/random.ts";
import { openCorpus } from "./corpus.ts";
import { conformanceOfDissectors } from "./dissect/main.ts";
import { compareFilters } from "./filters.ts";
import { summary } from "./judge.ts";
import { openMatcher } from "./kernel.ts";

const PROGRESS_MS = 5_000;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { cases: { type: "string", default: "10000" }, seed: { type: "string" } } });
  const seed = chooseSeed(values.seed ?? "random");
  process.stdout.write(`npm run conformance -- --cases ${values.cases} --seed ${seed}\n`);
  const random = seeded(seed);
  const corpus = openCorpus(random, 24);
  const { matcher, close } = openMatcher();
  let told = performance.now();
  try {
    const tally = await compareFilters({ random, captures: corpus.captures, cases: Number(values.cases), matcher }, ({ cases }) => {
      if (performance.now() - told < PROGRESS_MS) return;
      told = performance.now();
      process.stderr.write(`${cases} cases\n`);
    });
    for (const difference of tally.differences) process.stdout.write(`${difference}\n`);
    process.stdout.write(`${summary(tally)}\n`);
    return tally.differences.length === 0 && tally.cases >= Number(values.cases) ? 0 : 1;
  } finally {
    close();
    corpus.close();
  }
}

const [part, ...args] = process.argv.slice(2);
process.exitCode = part === "dissect" ? await conformanceOfDissectors(args) : await main();
