/**
 * Run on the machine that boots the kernels: asks libpcap and tshark about generated captures, which the kernels have
 * neither of, and writes captures and answers (Answers, as JSON) for checks/conformance.ts. Arguments: the file; the seed.
 */
import { writeFileSync } from "node:fs";
import type { ClassicInstruction } from "../../packages/filter/src/index.ts";
import { openGenerated } from "../conformance/corpus.ts";
import { chooseExpressions } from "../conformance/filters.ts";
import { type Chosen, emptyTally } from "../conformance/judge.ts";
import type { Capture } from "../support/captures.ts";
import { seeded } from "../support/random.ts";
import { type Dissector, openDissector } from "../support/tshark.ts";
import { type WrittenLayer, writtenLayers } from "./layers.ts";

/** One in four is of bare IP. */
const CAPTURES = 8;
const PACKETS = 120;
/** Expressions of one match program, and such programs over each capture. */
const SET = 8;
const SETS = 5;

type WrittenPacket = readonly [hex: string, wireLen: number];
type WrittenFilter = { readonly expression: string; readonly program: readonly ClassicInstruction[]; readonly numbers: readonly number[] };

export type Answers = readonly {
  readonly name: string;
  readonly linkType: number;
  readonly packets: readonly WrittenPacket[];
  readonly sets: readonly (readonly WrittenFilter[])[];
  /** tshark's layers of each packet. */
  readonly dissected: readonly (readonly WrittenLayer[])[];
}[];

async function main(): Promise<void> {
  const [path = "", seed = "0"] = process.argv.slice(2);
  const random = seeded(Number(seed));
  const corpus = openGenerated(random, CAPTURES, PACKETS);
  const dissector = openDissector();
  try {
    const answers: Answers[number][] = [];
    for (const capture of corpus.captures) {
      const sets: Chosen[][] = [];
      for (let i = 0; i < SETS; i++) sets.push([...(await chooseExpressions(capture, SET, random, emptyTally()))]);
      answers.push(written(capture, sets, dissector));
    }
    writeFileSync(path, JSON.stringify(answers));
  } finally {
    dissector.close();
    corpus.close();
  }
}

function written(
  { name, path, linkType, packets }: Capture,
  sets: readonly (readonly Chosen[])[],
  { dissect }: Dissector,
): Answers[number] {
  return {
    name,
    linkType,
    packets: packets.map(({ bytes, wireLen }) => [Buffer.from(bytes).toString("hex"), wireLen]),
    sets: sets.map((set) => set.map(({ expression, program, numbers }) => ({ expression, program, numbers: [...numbers] }))),
    dissected: dissect(path).map(writtenLayers),
  };
}

await main();
