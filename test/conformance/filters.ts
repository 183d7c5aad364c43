/**
 * Random expressions over captures, by the programs in the kernel and by libpcap itself: every packet
 * that a test run accepts must get the same answer.
 */
import { type ClassicInstruction, LinkType, compileFilter, verifyClassic } from "../../packages/filter/src/index.ts";
import { type Capture, ETHERNET } from "../support/captures.ts";
import { Expressions, valuesOf } from "../support/expressions.ts";
import type { Random } from "../support/random.ts";
import { type Chosen, type Matcher, type Tally, emptyTally, judge } from "./judge.ts";
import { askLibpcap } from "./reference.ts";
import { readsUnwritten } from "./unwritten.ts";

/** Expressions in one match program; more make the verifier slower by more than they save. */
const MAX_SET = 8;
const MAX_DIFFERENCES = 50;

export type Plan = { readonly random: Random; readonly captures: readonly Capture[]; readonly cases: number; readonly matcher: Matcher };

/** Compares at least `cases` expressions, over the captures in turn. */
export async function compareFilters(
  { random, captures, cases, matcher }: Plan,
  progress: (tally: Tally) => void = () => {},
): Promise<Tally> {
  const tally = emptyTally();
  const usable = captures.filter(({ packets }) => packets.length > 0);
  const share = Math.min(MAX_SET, Math.max(1, Math.ceil(cases / usable.length)));
  for (let turn = 0; tally.cases < cases && tally.differences.length < MAX_DIFFERENCES; turn++) {
    const capture = usable[turn % usable.length] as Capture;
    judge(capture, await chooseExpressions(capture, Math.min(share, cases - tally.cases), random, tally), matcher, tally);
    progress(tally);
  }
  return tally;
}

/** Up to `count` expressions by chance over a capture, with libpcap's answers; adds to the tally what was left out. */
export async function chooseExpressions(capture: Capture, count: number, random: Random, tally: Tally): Promise<readonly Chosen[]> {
  const ethernet = capture.linkType === ETHERNET;
  const maker = new Expressions(random, valuesOf(capture.packets, ethernet ? 14 : 0));
  const tried = Array.from({ length: 2 * count }, () => maker.next());
  const { answers, lengths } = askLibpcap(capture.path, tried);
  if (lengths.length !== capture.packets.length)
    tally.differences.push(`${capture.name}: libpcap reads ${lengths.length} packets, we read ${capture.packets.length}`);
  const chosen: Chosen[] = [];
  for (const [i, expression] of tried.entries()) {
    const answer = answers[i];
    if (chosen.length === count) break;
    if (!answer?.ok) {
      tally.refused++;
      continue;
    }
    const { program } = answer;
    const fault = verifyClassic(program);
    if (fault !== null) throw new Error(`${expression}: instruction ${fault.at}: ${fault.reason}`);
    if (chosen.length === 0) await checkCompiler(expression, ethernet, program);
    if (readsUnwritten(program)) tally.undefined++;
    else chosen.push({ expression, program, numbers: new Set(answer.numbers) });
  }
  return chosen;
}

/** Our own compiler, a process for each expression, must make the same of it. */
async function checkCompiler(expression: string, ethernet: boolean, program: readonly ClassicInstruction[]): Promise<void> {
  const compiled = await compileFilter(expression, ethernet ? LinkType.ethernet : LinkType.raw, { timeoutMs: 10_000 });
  if (!compiled.ok) throw new Error(`libpcap takes what our compiler refuses: ${expression}: ${compiled.fault.message}`);
  if (JSON.stringify(compiled.program) !== JSON.stringify(program)) throw new Error(`our compiler makes something else of ${expression}`);
}
