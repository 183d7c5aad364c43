import { expect, test } from "vitest";
import { gated, needs } from "../support/needs.ts";
import { chooseSeed, seeded } from "../support/random.ts";
import { openCorpus } from "./corpus.ts";
import { compareFilters } from "./filters.ts";
import { summary } from "./judge.ts";
import { openMatcher } from "./kernel.ts";

const gate = gated(needs.root, needs.btf, needs.debianSources);
const CASES = 800;

test.skipIf(gate.skip)(gate.name("filters in the kernel agree with libpcap"), async () => {
  const seed = chooseSeed(process.env["SONDE_TEST_SEED"] ?? "1");
  process.stdout.write(`SONDE_TEST_SEED=${seed}\n`);
  const random = seeded(seed);
  const corpus = openCorpus(random, 16);
  const { matcher, close } = openMatcher();
  try {
    const tally = await compareFilters({ random, captures: corpus.captures, cases: CASES, matcher });
    process.stdout.write(`${summary(tally)}\n`);
    expect(tally.differences).toEqual([]);
    expect(tally.cases).toBeGreaterThanOrEqual(CASES);
    // a comparison of nothing with nothing would agree too
    expect(tally.matches).toBeGreaterThan(CASES);
    const excluded = [...tally.excluded.values()].reduce((sum, count) => sum + count, 0);
    expect(excluded).toBeLessThan(tally.answers / 100);
  } finally {
    close();
    corpus.close();
  }
});
