import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodePacket } from "../../../apps/agent/src/capture/decoded.ts";
import { BpfError, type TestHook, openTestRun } from "../../../packages/bpf/src/index.ts";
import { type Matcher, emptyTally, hooks, judge } from "../../conformance/judge.ts";
import { openMatcher } from "../../conformance/kernel.ts";
import { compareParse } from "../../conformance/parser.ts";
import { type Captured, ETHERNET } from "../../support/captures.ts";
import type { Answers } from "../answers.ts";
import { readLayers } from "../layers.ts";
import { type Check, type Outcome, failed, passed } from "../outcome.ts";
import { refusal } from "../verifier.ts";

const FIRST = 5;

/** Generated captures against what libpcap and tshark answered where they are: each packet that a test run takes. */
export const conformance: Check = {
  name: "conformance",
  *run({ home }) {
    const answers = JSON.parse(readFileSync(join(home, "answers.json"), "utf8")) as Answers; // our own (answers.ts)
    const { matcher, close } = openMatcher();
    try {
      yield compareFilters(answers, matcher);
    } finally {
      close();
    }
    for (const hook of hooks) yield compareParser(answers, hook);
  },
};

const packetsOf = ({ packets }: Answers[number]): readonly Captured[] =>
  packets.map(([hex, wireLen]) => ({ bytes: Buffer.from(hex, "hex"), wireLen }));

function compareFilters(answers: Answers, matcher: Matcher): Outcome {
  const feature = "random filters as libpcap";
  const tally = emptyTally();
  for (const answer of answers) {
    const capture = { name: answer.name, linkType: answer.linkType, packets: packetsOf(answer) };
    for (const set of answer.sets) {
      const chosen = set.map((one) => ({ ...one, numbers: new Set(one.numbers) }));
      try {
        judge(capture, chosen, matcher, tally);
      } catch (error) {
        if (!(error instanceof BpfError)) throw error;
        tally.differences.push(
          `${capture.name}: ${error.message} ${refusal(error.verifierLog)} of ${set.map(({ expression }) => expression).join(" | ")}`,
        );
      }
    }
  }
  const { differences, matches, answers: compared, cases } = tally;
  if (differences.length > 0) return failed(feature, `${differences.length} differences: ${differences.slice(0, FIRST).join("; ")}`);
  if (cases === 0 || matches === 0) return failed(feature, `${cases} filters matched ${matches} of ${compared} times`);
  return passed(feature, `${cases} filters, ${compared} agree`);
}

function compareParser(answers: Answers, hook: TestHook): Outcome {
  const feature = `random packets as tshark, ${hook}`;
  const run = openTestRun();
  const differences: string[] = [];
  let compared = 0;
  try {
    for (const answer of answers) {
      const packets = packetsOf(answer);
      const ethernet = answer.linkType === ETHERNET;
      for (const [i, result] of run.run(packets, { hook, linkType: ethernet ? "ethernet" : "raw" }).entries()) {
        const packet = packets[i];
        const theirs = answer.dissected[i];
        if (!result.ran || packet === undefined || theirs === undefined) continue;
        compared++;
        const ours = decodePacket({ number: i + 1, linkType: answer.linkType, seconds: 0, nanoseconds: 0, ...packet }, result);
        for (const difference of compareParse(ours, readLayers(theirs), ethernet))
          differences.push(`${answer.name} packet ${i + 1}: ${difference}`);
      }
    }
  } finally {
    run.close();
  }
  if (differences.length > 0) return failed(feature, `${differences.length} differences: ${differences.slice(0, FIRST).join("; ")}`);
  return compared === 0 ? failed(feature, "the kernel ran none of the packets") : passed(feature, `${compared} agree`);
}
